# An e-mail when the month's bill reaches a part of the budget, and when it is forecast to go beyond;
# a budget that is spent is an alarm too.

locals {
  warnings = concat(
    [for percent in var.budget.at_percent : { kind = "ACTUAL", percent = percent }],
    [{ kind = "FORECASTED", percent = 100 }],
  )
}

resource "aws_budgets_budget" "month" {
  name         = "${var.name}-month"
  tags         = var.tags
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = tostring(var.budget.dollars)
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = local.warnings
    content {
      notification_type          = notification.value.kind
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.budget.emails
      subscriber_sns_topic_arns  = notification.value.percent >= 100 ? [module.alarms.arn] : []
    }
  }
}
