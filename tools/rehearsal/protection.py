"""That what protects an environment's data holds until somebody lifts it."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ClientError

from tools.rehearsal.inventory import Client

REFUSED = "ValidationException"  # as DynamoDB answers for a table with deletion protection


def tables_refuse_deletion(name: str, client: Client, tables: Iterable[str]) -> list[str]:
    """Try to delete each table with the administrator's own credentials; problems."""
    problems = []
    for table in tables:
        try:
            client("dynamodb").delete_table(TableName=table)
        except ClientError as error:
            if error.response["Error"]["Code"] != REFUSED:
                problems.append(f"{name}: deleting {table} got an answer that proves nothing: {error}")
        else:
            problems.append(f"{name}: {table} is not protected: it could be deleted")
    return problems
