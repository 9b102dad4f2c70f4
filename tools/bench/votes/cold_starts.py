"""The functions whose cold start is measured."""

from __future__ import annotations

from tools.bench.cold import Function
from tools.bench.votes.contenders import Sizing

SERVICES = {
    "receive": ("sqs", "dynamodb"),
    "process": ("sqs", "s3", "dynamodb"),
    "write": ("sqs", "s3", "dynamodb"),
    "tally": ("sqs", "dynamodb"),
    "results": ("dynamodb",),
}
QUEUES = {
    f"{name.upper()}_QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/000000000000/{name}"
    for name in ("ingest", "count", "tick")
}


def functions(sizing: Sizing) -> dict[str, Function]:
    """Each with the variables that Terraform plans, and addresses of queues that nobody asks."""
    return {
        name: Function(f"votes-{name}", f"votes.{name}", services, sizing.variables[name] | QUEUES)
        for name, services in SERVICES.items()
    }
