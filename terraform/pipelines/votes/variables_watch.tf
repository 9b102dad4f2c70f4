# How the pipeline is watched: its alarms, and the functions that check it.

variable "alarms" {
  description = <<-EOT
    Who hears the alarms (an SNS topic's ARN, default nobody), how much is watched ("all", default,
    or "essential": age, failing messages, dead letters, conservation and the probe, no dashboard),
    and the limits: oldest message (default 300), fold lag (default 900) and newest counted ballot
    of the probe (default 300) in seconds, quarantined ballots in five minutes (default 1000).
  EOT
  type = object({
    topic_arn         = optional(string)
    level             = optional(string, "all")
    oldest_seconds    = optional(number, 300)
    fold_lag_seconds  = optional(number, 900)
    probe_age_seconds = optional(number, 300)
    quarantined       = optional(number, 1000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["all", "essential"], var.alarms.level)
    error_message = "alarms.level must be \"all\" or \"essential\"."
  }
  validation {
    condition = var.alarms.fold_lag_seconds >= 60 && var.alarms.fold_lag_seconds <= 86400
    error_message = join(" ", [
      "alarms.fold_lag_seconds must be 60-86400: journal entries expire after 30 days, and",
      "somebody must have time to act.",
    ])
  }
}

variable "checks" {
  description = <<-EOT
    Minutes between two looks at the witnesses and between two ballots of the probe (default 1 each;
    0 turns one off), seconds within which an accepted ballot settles (default: the visibility of
    ingest and count), and for which one that did not is reported (default 3600).
  EOT
  type = object({
    conservation_minutes = optional(number, 1)
    probe_minutes        = optional(number, 1)
    latency_seconds      = optional(number)
    look_back_seconds    = optional(number, 3600)
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for minutes in [var.checks.conservation_minutes, var.checks.probe_minutes] :
      contains([0, 1, 2, 3, 4, 5, 10, 15, 20, 30, 60], minutes)
    ])
    error_message = join(" ", [
      "checks.conservation_minutes and checks.probe_minutes must be 1, 2, 3, 4, 5, 10, 15, 20, 30",
      "or 60, or 0 for none.",
    ])
  }
  validation {
    condition = (
      coalesce(var.checks.latency_seconds, 1) >= 1 &&
      var.checks.look_back_seconds >= 180 * var.checks.conservation_minutes &&
      var.checks.look_back_seconds <= 86400
    )
    error_message = join(" ", [
      "checks.latency_seconds must be 1 or more, and checks.look_back_seconds three rounds",
      "(checks.conservation_minutes) to 86400: what one look could not read, the next must still",
      "see.",
    ])
  }
  validation {
    condition = var.alarms.probe_age_seconds >= 120 * var.checks.probe_minutes + var.counting.slot_seconds
    error_message = join(" ", [
      "alarms.probe_age_seconds must be at least two rounds of the probe (checks.probe_minutes)",
      "and counting.slot_seconds: a ballot is looked at when the next is due, and the next waits",
      "until it is counted.",
    ])
  }
}
