"""Data sources that need no call: who and where we are."""

from tools.offline_provider.connection import Connection, RefusedError
from tools.offline_provider.schema import Block
from tools.offline_provider.values import Value


def read(kind: str, block: Block, config: Value, connection: Connection) -> Value:
    """The data source's whole value.

    Raises RefusedError for one that the stand-in does not know.
    """
    configured = {name: value for name, value in config.items() if value is not None}
    known = _facts(kind, config, connection) | configured
    attributes = {name: known.get(name) for name in block.attributes}
    blocks = {name: config.get(name) or nested.empty for name, nested in block.blocks.items()}
    return attributes | blocks


def _facts(kind: str, config: Value, connection: Connection) -> Value:
    region = config.get("region") or connection.region
    if kind == "aws_caller_identity":
        user = connection.arn("iam", "root", regional=False)
        return {"id": connection.account, "account_id": connection.account, "user_id": connection.account, "arn": user}
    if kind == "aws_region":
        name = config.get("name") or region
        facts = {"id": name, "name": name, "region": name, "endpoint": f"ec2.{name}.amazonaws.com"}
        return {**facts, "description": name}
    if kind == "aws_partition":
        return {
            "id": connection.partition,
            "partition": connection.partition,
            "dns_suffix": "amazonaws.com",
            "reverse_dns_prefix": "com.amazonaws",
        }
    if kind == "aws_default_tags":
        return {"id": "default_tags", "tags": dict(connection.default_tags)}
    if kind == "aws_availability_zones":
        zones = [region + letter for letter in "abc"]
        ids = [f"{region}-az{number}" for number in (1, 2, 3)]
        return {"id": region, "region": region, "names": zones, "zone_ids": ids, "group_names": [region]}
    raise RefusedError(f"The offline provider has no data source {kind}")
