variable "name" {
  description = "Prefix of every name in the pipeline, such as \"sluice-prod-harvest\"."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z][a-z0-9-]{1,38}$", var.name))
    error_message = join(" ", [
      "name must be 2-39 lower-case letters, digits or '-' and start with a letter: the bucket's",
      "name is made of it, \"-quarantine-\" and the account's number, and has 63 at most.",
    ])
  }
}

variable "packages" {
  description = <<-EOT
    A zip for each function, named "harvest-" and the function: a path, or bucket and key (and
    object_version), and the base64 SHA-256 as hash.
  EOT
  type = map(object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  }))
  nullable = false

  validation {
    condition = alltrue([for function in local.function_names : contains(keys(var.packages), "harvest-${function}")])
    error_message = join(" ", [
      "packages must name a zip for each of: ${join(", ", [for f in local.function_names : "harvest-${f}"])};",
      "pass the file that `make package` writes, or see the README for released zips.",
    ])
  }
  validation {
    condition     = alltrue([for p in values(var.packages) : (p.path != null) != (p.bucket != null && p.key != null)])
    error_message = "Each package needs either path (a local zip) or bucket and key (a released one), not both."
  }
}

variable "schedules" {
  description = <<-EOT
    When runs start by themselves, by the run's name (default none): the expression and its time zone
    (default UTC), whether a run asks only for what changed since the last complete one began (since,
    default true), and whether it is on when it is made (enabled, default true).
  EOT
  type = map(object({
    expression = string
    timezone   = optional(string, "UTC")
    since      = optional(bool, true)
    enabled    = optional(bool, true)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for name in keys(var.schedules) : can(regex("^[a-z][a-z0-9-]{0,14}$", name)) && name != "wake"
    ])
    error_message = "Each name in schedules must be 1-15 lower-case letters, digits or '-', and not \"wake\"."
  }
}

variable "sizing" {
  description = <<-EOT
    Memory (MB), timeout (seconds) and most at once, for each function (defaults: 1,000 calls a
    minute).
  EOT
  type = object({
    start = optional(object({
      memory_mb       = optional(number, 256)
      timeout_seconds = optional(number, 15)
    }), {})
    pace = optional(object({
      memory_mb           = optional(number, 512)
      timeout_seconds     = optional(number, 90)
      maximum_concurrency = optional(number, 2)
    }), {})
    work = optional(object({
      memory_mb           = optional(number, 512)
      timeout_seconds     = optional(number, 60)
      maximum_concurrency = optional(number, 10)
    }), {})
    store = optional(object({
      memory_mb           = optional(number, 1024)
      timeout_seconds     = optional(number, 120)
      maximum_concurrency = optional(number, 2)
    }), {})
    runs = optional(object({
      memory_mb       = optional(number, 256)
      timeout_seconds = optional(number, 15)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = var.sizing.start.timeout_seconds <= 29 && var.sizing.runs.timeout_seconds <= 29
    error_message = join(" ", [
      "sizing.start.timeout_seconds and sizing.runs.timeout_seconds must be 29 or less:",
      "the HTTP API gives up after 30 s.",
    ])
  }
  validation {
    condition = var.sizing.pace.timeout_seconds >= var.pace.turn_seconds + 15
    error_message = join(" ", [
      "sizing.pace.timeout_seconds must be pace.turn_seconds and 15 s for reading the run and handing over,",
      "or Lambda ends a turn in its middle, and the run waits until somebody misses the pacer.",
    ])
  }
}

variable "capacity" {
  description = <<-EOT
    How each table's capacity is paid, as the table module takes it: on_demand (default), warm or
    not, or provisioned with autoscaling.
  EOT
  type = object({
    ledger = optional(object({
      on_demand = optional(object({
        warm = optional(object({ read_units = number, write_units = number }))
        most = optional(object({ read_units = number, write_units = number }))
      }))
      provisioned = optional(object({
        read                = object({ least = number, most = number })
        write               = object({ least = number, most = number })
        utilisation_percent = optional(number, 70)
      }))
    }), { on_demand = {} })
    accounts = optional(object({
      on_demand = optional(object({
        warm = optional(object({ read_units = number, write_units = number }))
        most = optional(object({ read_units = number, write_units = number }))
      }))
      provisioned = optional(object({
        read                = object({ least = number, most = number })
        write               = object({ least = number, most = number })
        utilisation_percent = optional(number, 70)
      }))
    }), { on_demand = {} })
  })
  default  = {}
  nullable = false
}

variable "keep" {
  description = <<-EOT
    What is kept: deletion protection and point in time recovery of the tables (default true), days
    of merged results (default null: for ever), of the parcels' answers that were merged (default 30)
    and of quarantined tasks (default 90) and of logs (default 30), least log level (default INFO),
    and whether destroying may delete what is in the buckets (default false).
  EOT
  type = object({
    deletion_protection    = optional(bool, true)
    point_in_time_recovery = optional(bool, true)
    result_days            = optional(number)
    parcel_days            = optional(number, 30)
    quarantine_days        = optional(number, 90)
    buckets_deletable      = optional(bool, false)
    log_days               = optional(number, 30)
    log_level              = optional(string, "INFO")
  })
  default  = {}
  nullable = false

  validation {
    condition = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.keep.log_level)
    error_message = join(" ", [
      "keep.log_level must be DEBUG, INFO, WARN or ERROR, the levels that Lambda and the",
      "functions' logger both know.",
    ])
  }
  validation {
    condition = var.keep.parcel_days >= 15
    error_message = join(" ", [
      "keep.parcel_days must be 15 or more: a message to merge a group may wait for 14 days, and what it",
      "merges must be there then.",
    ])
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key for queues, tables, buckets and logs; null (default) leaves
    encryption to each service's own free key.
  EOT
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role of the pipeline; null (default) sets none."
  type        = string
  default     = null
}
