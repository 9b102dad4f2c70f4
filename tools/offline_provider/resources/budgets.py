"""Budgets of a fixed amount."""

from typing import Any

from tools.offline_provider.connection import Connection
from tools.offline_provider.resources.base import Handler, from_answer, parameter_names, to_parameters
from tools.offline_provider.values import Value

_NOTIFICATION = parameter_names("notification_type comparison_operator threshold threshold_type")


class _Budget(Handler):
    """aws_budgets_budget of a fixed amount, with its notifications.

    The emulator knows no bill, so none is ever sent.
    """

    def create(self, connection: Connection, value: Value) -> Value:
        learned = super().create(connection, value) | {"account_id": connection.account}
        connection.client("budgets").create_budget(
            AccountId=connection.account,
            Budget=self._budget(learned),
            NotificationsWithSubscribers=self._notifications(value),
        )
        return learned | {"id": f"{connection.account}:{learned['name']}"}

    def read(self, connection: Connection, state: Value) -> Value:
        budget = connection.client("budgets").describe_budget(AccountId=connection.account, BudgetName=state["name"])[
            "Budget"
        ]
        limit = budget["BudgetLimit"]
        return {
            "limit_amount": limit["Amount"],
            "limit_unit": limit["Unit"],
            **from_answer(budget, parameter_names("budget_type time_unit")),
        }

    def update(self, connection: Connection, value: Value, prior: Value) -> Value:
        self.delete(connection, prior)
        return self.create(connection, value)

    def delete(self, connection: Connection, state: Value) -> None:
        connection.client("budgets").delete_budget(AccountId=connection.account, BudgetName=state["name"])

    @staticmethod
    def _budget(value: Value) -> dict[str, Any]:
        limit = {"Amount": value["limit_amount"], "Unit": value["limit_unit"]}
        return {
            "BudgetName": value["name"],
            "BudgetLimit": limit,
            **to_parameters(value, parameter_names("budget_type time_unit")),
        }

    @staticmethod
    def _notifications(value: Value) -> list[dict[str, Any]]:
        return [
            {"Notification": to_parameters(block, _NOTIFICATION), "Subscribers": _subscribers(block)}
            for block in value.get("notification") or ()
        ]


def _subscribers(notification: Value) -> list[dict[str, str]]:
    emails = notification.get("subscriber_email_addresses") or ()
    topics = notification.get("subscriber_sns_topic_arns") or ()
    return [
        *({"SubscriptionType": "EMAIL", "Address": address} for address in emails),
        *({"SubscriptionType": "SNS", "Address": arn} for arn in topics),
    ]


HANDLERS: dict[str, Handler] = {
    "aws_budgets_budget": _Budget("aws_budgets_budget"),
}
