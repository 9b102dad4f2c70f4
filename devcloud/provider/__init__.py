"""An offline stand-in for the AWS provider of Terraform: attached, not installed; see README.md."""

from devcloud.provider.connection import RefusedError
from devcloud.provider.server import serve

__all__ = ["RefusedError", "serve"]
