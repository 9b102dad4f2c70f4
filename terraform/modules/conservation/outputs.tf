output "function" {
  description = "The function, as modules/function gives it: name, alias, arn, log_group, role, mappings, invoke."
  value       = module.function
}

output "environment" {
  description = "Environment variables of a function that leaves witnesses: KEYS_TABLE and WITNESS_SHARE."
  value = {
    KEYS_TABLE    = var.witnesses.keys_table
    WITNESS_SHARE = tostring(var.witnesses.share)
  }
}

output "metrics" {
  description = <<-EOT
    What modules/observability takes among its metrics, with their alarms: witnesses-missing,
    conservation-silent, mappings-off; none where nothing checks.
  EOT
  value = { for key, metric in {
    witnesses-missing = {
      name = "WitnessesMissing", statistic = "Maximum", period_seconds = local.period_seconds
      limit = {
        above = 0, essential = true
        description = join(" ", [
          "${var.witnesses.items} were accepted over ${var.check.latency_seconds} s ago and are not",
          "settled: \"witnesses missing\" in the log of ${var.name} names them by hashed id.",
          "Look for dead letters, old messages and mappings that are off; a witness stands for",
          "${var.witnesses.share}.",
        ])
      }
    }
    conservation-silent = {
      name = "WitnessesMissing", statistic = "SampleCount", period_seconds = local.period_seconds
      limit = {
        below = 1, periods = 3, missing_is_good = false, essential = true
        description = join(" ", [
          "Nobody knows whether ${lower(var.witnesses.items)} are lost: ${var.name} does not run, or",
          "could not read all witnesses. Its log says which.",
        ])
      }
    }
    mappings-off = {
      name = "MappingsOff", statistic = "Maximum", period_seconds = local.period_seconds
      limit = {
        above = 0, essential = true
        description = join(" ", [
          "An event source mapping is off or gone: \"mappings off\" in the log of ${var.name} names",
          "its consumer. Messages wait, and are lost when their retention ends. Switch it on again.",
        ])
      }
    }
    witnesses-accepted = { name = "WitnessesAccepted", statistic = "Maximum", period_seconds = local.period_seconds }
    witnesses-one-in   = { name = "WitnessesOneIn", statistic = "Maximum", period_seconds = local.period_seconds }
    } : key => merge(metric, {
      namespace  = local.telemetry.POWERTOOLS_METRICS_NAMESPACE
      dimensions = { service = local.telemetry.POWERTOOLS_SERVICE_NAME }
  }) if var.check.minutes > 0 }
}
