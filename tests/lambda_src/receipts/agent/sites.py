"""A site's configuration for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from receipts.agent import config
from receipts.agent.config import Config

PEM = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/"


def written(folder: Path, *, mode: int = 0o600, **changed: Any) -> Path:
    """A file of a configuration, with `database_port=…` and the like otherwise; None leaves out."""
    ca = folder / "ca.pem"
    if not ca.exists():
        ca.write_text(PEM)
    values: dict[str, Any] = {
        "name": "w1",
        "aws_region": "eu-central-1",
        "aws_delivery_queue_url": f"{QUEUE}delivery",
        "aws_delivered_queue_url": f"{QUEUE}delivered",
        "aws_documents_bucket": "documents",
        "database_host": "127.0.0.1",
        "database_dbname": "receipts",
        "database_username": "sluice",
        "database_ca": str(ca),
        "database_password": "s3cret",
    } | changed
    lines = [line for key, value in values.items() if not _table(key) for line in _line(key, value)]
    for table in ("aws", "database", "pace", "aws.endpoints"):
        lines.append(f"[{table}]")
        for key, value in values.items():
            if _table(key) == table:
                lines += _line(key.removeprefix(table.replace(".", "_") + "_"), value)
    file = folder / "agent.toml"
    file.write_text("\n".join(lines) + "\n")
    file.chmod(mode)
    return file


def site(folder: Path, **changed: Any) -> Config:
    """The configuration of such a file."""
    return config.load(written(folder, **changed))


def _table(key: str) -> str:
    if key.startswith("aws_endpoints_"):
        return "aws.endpoints"
    first = key.partition("_")[0]
    return first if first in ("aws", "database", "pace") and "_" in key else ""


def _line(key: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [f"{key} = [{', '.join(map(_text, value))}]"]
    return [f"{key} = {value if isinstance(value, int) else _text(value)}"]


def _text(value: Any) -> str:
    return json.dumps(str(value))
