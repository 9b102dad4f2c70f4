# Whose API is harvested, and how its calls are paced.

variable "vendor" {
  description = <<-EOT
    The vendor: the name of its file in lambda_src/harvest/vendors, the address of its API, the
    account there that its limits are of, the ARN of the token's secret (with or without the six
    characters that Secrets Manager ends it in), the limits that it declares (so many calls in so many
    seconds, per "account", default, or "endpoint", of some levels, default all; kind "pace", default,
    or "budget", a sum that may be used up, whose window begins offset_seconds, default 0, after UTC's
    midnight), calls at a time (concurrency, default any), how long a call usually takes at most
    (latency_ms, default 500), and, where it declares nothing, between which rates the bearable one is
    looked for (adaptive, default null).
  EOT
  type = object({
    name       = string
    url        = string
    account    = string
    secret_arn = string
    limits = optional(list(object({
      calls          = number
      seconds        = number
      per            = optional(string, "account")
      kind           = optional(string, "pace")
      offset_seconds = optional(number, 0)
      levels         = optional(list(string))
    })), [])
    concurrency = optional(number)
    latency_ms  = optional(number, 500)
    adaptive    = optional(object({ start = number, least = number, most = number, window_seconds = number }))
  })
  nullable = false

  validation {
    condition     = can(regex("^(https://|http://127\\.0\\.0\\.1(:|/|$))[^\\s?#]*$", var.vendor.url))
    error_message = "vendor.url must begin with https:// (http:// on 127.0.0.1 alone): the token goes there."
  }
  validation {
    condition     = can(regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:[^*?]+$", var.vendor.secret_arn))
    error_message = "vendor.secret_arn must be the ARN of a secret: the token itself belongs in no file and no state."
  }
  validation {
    condition = alltrue([
      for l in var.vendor.limits :
      contains(["pace", "budget"], l.kind) && contains(["account", "endpoint"], l.per) && l.calls >= 1 && l.seconds > 0
    ])
    error_message = join(" ", [
      "Each of vendor.limits must be 1 or more calls in some seconds, per \"account\" or \"endpoint\", of kind",
      "\"pace\" or \"budget\": write \"1,000 a minute\" as { calls = 1000, seconds = 60 }, not as 16.7 a second.",
    ])
  }
  validation {
    condition = (
      anytrue([for l in var.vendor.limits : l.kind == "pace"]) ||
      var.vendor.concurrency != null || var.vendor.adaptive != null
    )
    error_message = join(" ", [
      "Nothing bounds the calls: vendor needs a limit of kind \"pace\", a concurrency, or adaptive where the",
      "vendor declares nothing.",
    ])
  }
}

variable "pace" {
  description = <<-EOT
    How slots are given, in milliseconds unless said otherwise: time from a parcel's release to its
    first slot (lead_ms, default 700) and what is let out beyond it (ahead_ms, default 1000), between
    two looks of the pacer (tick_ms, default 250), how late a slot may still be used (tolerance_ms,
    default 100), how far a clock may be wrong (clock_ms, default 10) and how much a call's way may
    differ (way_ms, default 50), the longest call (call_ms, default 10000) and the grace after it
    (grace_ms, default 3000), most tasks a parcel (default 25) in at most so many seconds
    (parcel_seconds, default 5), seconds a turn (default 60), after which a pacer is missed (silent_ms,
    default 2000) or goes because there is nothing to give (doze_seconds, default 120), turns without
    progress after which a run is stopped (idle_turns, default 20), workers that a parcel may kill
    (tries, default 3), calls that a task may fail (attempts, default 5), and the least share of the
    permitted rate that must be reachable (default 0.9).
  EOT
  type = object({
    lead_ms        = optional(number, 700)
    ahead_ms       = optional(number, 1000)
    tick_ms        = optional(number, 250)
    tolerance_ms   = optional(number, 100)
    clock_ms       = optional(number, 10)
    way_ms         = optional(number, 50)
    call_ms        = optional(number, 10000)
    grace_ms       = optional(number, 3000)
    tasks_a_parcel = optional(number, 25)
    parcel_seconds = optional(number, 5)
    turn_seconds   = optional(number, 60)
    silent_ms      = optional(number, 2000)
    doze_seconds   = optional(number, 120)
    idle_turns     = optional(number, 20)
    tries          = optional(number, 3)
    attempts       = optional(number, 5)
    least_share    = optional(number, 0.9)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.pace.tasks_a_parcel >= 1 && var.pace.tasks_a_parcel <= 50
    error_message = "pace.tasks_a_parcel must be 1-50: what a killed worker repeats is at most one parcel."
  }
  validation {
    condition = var.pace.silent_ms >= 4 * var.pace.tick_ms
    error_message = join(" ", [
      "pace.silent_ms must be four looks of the pacer (pace.tick_ms) or more, or a pacer that is only",
      "slow is taken for dead.",
    ])
  }
}

variable "most_calls" {
  description = <<-EOT
    Calls that a run may come to know before it stops and asks, for a vendor that lists without end
    (default 200000).
  EOT
  type        = number
  default     = 200000
  nullable    = false

  validation {
    condition     = var.most_calls >= 1
    error_message = "most_calls must be 1 or more: twice what a run usually makes."
  }
}
