"""A table of plain rows for the contract tests of DynamoDB, wherever it is."""

from typing import Any

from shared.dynamo import number
from tests.simulation.aws.backends import Backend

Json = dict[str, Any]
KEY = {"p": {"S": "a"}, "n": {"N": "1"}}
A, N1, N2 = {"S": "a"}, number(1), number(2)
REFUSED = "ConditionalCheckFailedException"
WRONG = "ValidationException"


class Table:
    """A new table of rows by p (text) and n (number), and its calls."""

    def __init__(self, of: Backend) -> None:
        self.client, self.name = of.client, of.name("table")
        kinds = {"p": "S", "n": "N"}
        self.client.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
        )

    def __getattr__(self, operation: str) -> Any:
        return lambda **params: getattr(self.client, operation)(TableName=self.name, **params)

    def put(self, p: str = "a", n: int = 1, **attributes: Json) -> None:
        self.client.put_item(TableName=self.name, Item={"p": {"S": p}, "n": number(n), **attributes})

    def row(self, p: str = "a", n: int = 1) -> Json | None:
        key = {"p": {"S": p}, "n": number(n)}
        found: Json | None = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")
        return found

    def statement(self, text: str, *parameters: Json) -> Json:
        return {"Statement": text.replace("TABLE", f'"{self.name}"'), "Parameters": list(parameters)}

    def executed(self, *statements: Json) -> list[str]:
        """The codes of the statements' errors; "" for none."""
        answers = self.client.batch_execute_statement(Statements=list(statements))["Responses"]
        return [answer.get("Error", {}).get("Code", "") for answer in answers]


def numbers(answer: Json) -> list[int]:
    """The n of each row of a page."""
    return [int(item["n"]["N"]) for item in answer["Items"]]
