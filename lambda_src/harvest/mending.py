"""A run that stopped for the vendor's secret goes on once a person has changed that."""

from typing import Any

from harvest import token

WHAT_TO_DO = (
    "mend the vendor's secret, and the run goes on within two minutes; "
    "where the vendor was at fault, resume it"
)


class Mending:
    """Looks whether the secret of an account was changed since its token was refused for good.

    `dynamodb` and `secrets` are clients; `table` is that of the accounts, `secret` the ARN.
    """

    def __init__(self, dynamodb: Any, secrets: Any, table: str, account: str, secret: str) -> None:
        self._dynamodb, self._secrets = dynamodb, secrets
        self._table, self._account, self._secret = table, account, secret

    def is_about(self, reason: str) -> bool:
        """Whether a run was stopped for this."""
        return reason.endswith(WHAT_TO_DO)

    def is_mended(self) -> bool:
        """Whether the secret is another one now, or a token was had for it meanwhile."""
        item = self._dynamodb.get_item(
            TableName=self._table, Key={"account": {"S": self._account}}, ConsistentRead=True
        ).get("Item", {})
        refused = item.get("token_dead_version", {}).get("S")
        if refused is None:
            state = token.state_of(item)
            return state.generation > state.dead
        version = self._secrets.get_secret_value(SecretId=self._secret)["VersionId"]
        return bool(version != refused)
