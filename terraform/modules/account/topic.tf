# Whom the account's alarms tell: those of every pipeline in it, and the budget's when it is spent.
# It is here, and not beside a pipeline, so that whoever may apply cannot silence it.

module "alarms" {
  source = "../topic"

  name     = "${var.name}-alarms"
  tags     = var.tags
  emails   = coalesce(var.alarms.emails, var.budget.emails)
  webhooks = var.alarms.webhooks
  own_key  = var.alarms.own_key
}
