# What was accepted is settled: witnesses leave a line when they are accepted and one when they are
# settled, a function compares the two, and silence of either is an alarm.

locals {
  telemetry = {
    POWERTOOLS_SERVICE_NAME      = coalesce(var.telemetry.service, var.name)
    POWERTOOLS_METRICS_NAMESPACE = coalesce(var.telemetry.namespace, var.name)
    POWERTOOLS_LOG_LEVEL         = var.telemetry.log_level
  }
  period_seconds = 60 * var.check.minutes

  # A consumer by its own name, or with the queue's where it has several.
  mappings = merge([for consumer, function in var.consumers : {
    for queue, uuid in function.mappings :
    (length(function.mappings) == 1 ? consumer : "${consumer}-${queue}") => uuid
  }]...)

  logs = merge(var.accepted, var.settled)
}

module "function" {
  source = "../function"

  name         = var.name
  description  = "Looks whether every accepted witness is settled, and whether every mapping is on."
  package      = var.package
  handler      = var.handler
  sizing       = { memory_mb = 256, timeout_seconds = 60 }
  asynchronous = { retries = 0, age_seconds = 60 } # the next check looks anew
  allows = concat(
    [for function in values(local.logs) : function.read_logs],
    flatten([for consumer in values(var.consumers) : values(consumer.read_mapping)]),
  )
  logs                 = var.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  environment = merge(local.telemetry, {
    ACCEPTED_LOGS     = jsonencode([for function in values(var.accepted) : function.log_group])
    SETTLED_LOGS      = jsonencode([for function in values(var.settled) : function.log_group])
    MAPPINGS          = jsonencode(local.mappings)
    LATENCY_SECONDS   = tostring(var.check.latency_seconds)
    LOOK_BACK_SECONDS = tostring(var.check.look_back_seconds)
  })
}

module "schedule" {
  source = "../schedule"
  count  = var.check.minutes > 0 ? 1 : 0

  name                 = var.name
  expression           = var.check.minutes == 1 ? "rate(1 minute)" : "rate(${var.check.minutes} minutes)"
  function             = module.function
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}
