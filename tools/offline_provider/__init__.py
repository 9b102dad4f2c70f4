"""An offline stand-in for the AWS provider of Terraform: attached, not installed; see README.md."""

from tools.offline_provider.connection import RefusedError
from tools.offline_provider.server import serve

__all__ = ["RefusedError", "serve"]
