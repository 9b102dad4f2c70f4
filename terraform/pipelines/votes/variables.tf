variable "name" {
  description = "Prefix of every name in the pipeline, such as \"sluice-prod-votes\"."
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
    A zip for each function, named "votes-" and the function: a path, or bucket and key (and
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
    condition = alltrue([for function in local.function_names : contains(keys(var.packages), "votes-${function}")])
    error_message = join(" ", [
      "packages must hold ${join(", ", [for function in local.function_names : "votes-${function}"])}:",
      "run `make package` and pass -var-file=build/packages/lambda/packages.tfvars.json,",
      "or see the README for released zips.",
    ])
  }
  validation {
    condition     = alltrue([for p in values(var.packages) : (p.path != null) != (p.bucket != null && p.key != null)])
    error_message = "Each package needs either path (a local zip) or bucket and key (a released one), not both."
  }
}

variable "voting" {
  description = <<-EOT
    What may be voted on: aspects, the least (default 1) and highest (default 5) score, whether
    titles missing from the catalogue are taken ("accept", default) or "quarantine"d, and minutes
    between two rankings of the titles (default 5; 0 makes none).
  EOT
  type = object({
    aspects         = list(string)
    scale           = optional(object({ lowest = number, highest = number }), { lowest = 1, highest = 5 })
    unlisted_titles = optional(string, "accept")
    ranking_minutes = optional(number, 5)
  })
  nullable = false

  validation {
    condition = (
      length(var.voting.aspects) > 0 &&
      length(distinct(var.voting.aspects)) == length(var.voting.aspects) &&
      alltrue([for a in var.voting.aspects : can(regex("^[A-Za-z0-9_-]{1,64}$", a))])
    )
    error_message = "voting.aspects must name at least one aspect, each once, in 1-64 letters, digits, '_' or '-'."
  }
  validation {
    condition = (
      var.voting.scale.lowest < var.voting.scale.highest &&
      floor(var.voting.scale.lowest) == var.voting.scale.lowest &&
      floor(var.voting.scale.highest) == var.voting.scale.highest
    )
    error_message = "voting.scale must be two whole numbers with lowest below highest."
  }
  validation {
    condition = contains(["accept", "quarantine"], var.voting.unlisted_titles)
    error_message = join(" ", [
      "voting.unlisted_titles must be \"accept\" (titles are open, a listed one obeys its window)",
      "or \"quarantine\" (only the catalogue's titles).",
    ])
  }
  validation {
    condition     = contains([0, 1, 2, 3, 4, 5, 10, 15, 20, 30, 60], var.voting.ranking_minutes)
    error_message = "voting.ranking_minutes must be 1, 2, 3, 4, 5, 10, 15, 20, 30 or 60, or 0 for none."
  }
}

variable "sizing" {
  description = <<-EOT
    Memory (MB), timeout and window (seconds), batch size, most batches at once and receives before
    a dead letter, for each function (defaults: some hundred ballots a second); how many of receive
    and of results run at once, at most and at least (reserved_concurrency, default null: none).
  EOT
  type = object({
    receive = optional(object({
      memory_mb            = optional(number, 512)
      timeout_seconds      = optional(number, 10)
      reserved_concurrency = optional(number)
    }), {})
    process = optional(object({
      memory_mb           = optional(number, 1024)
      timeout_seconds     = optional(number, 60)
      window_seconds      = optional(number, 2)
      batch_size          = optional(number, 5000)
      maximum_concurrency = optional(number, 5)
      max_receives        = optional(number, 10)
    }), {})
    write = optional(object({
      memory_mb           = optional(number, 1024)
      timeout_seconds     = optional(number, 15)
      maximum_concurrency = optional(number, 4)
      max_receives        = optional(number, 10)
    }), {})
    tally = optional(object({
      memory_mb           = optional(number, 1024)
      timeout_seconds     = optional(number, 60)
      maximum_concurrency = optional(number, 2)
    }), {})
    results = optional(object({
      memory_mb            = optional(number, 512)
      timeout_seconds      = optional(number, 5)
      reserved_concurrency = optional(number)
    }), {})
    vote = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 5)
    }), {})
    rank = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 60)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = var.sizing.write.timeout_seconds <= 15
    error_message = join(" ", [
      "sizing.write.timeout_seconds must be 15 or less: a crashed writer locks its shard for six",
      "timeouts.",
    ])
  }
  validation {
    condition = var.sizing.write.maximum_concurrency <= max(2, var.counting.shards)
    error_message = join(" ", [
      "sizing.write.maximum_concurrency above counting.shards buys nothing:",
      "one shard is one message group, worked on by one writer at a time.",
    ])
  }
  validation {
    condition = max(
      var.sizing.receive.timeout_seconds, var.sizing.results.timeout_seconds, var.sizing.vote.timeout_seconds,
    ) <= 29
    error_message = join(" ", [
      "sizing.receive.timeout_seconds, sizing.results.timeout_seconds and",
      "sizing.vote.timeout_seconds must be 29 or less: the HTTP API gives up after 30 s.",
    ])
  }
}

variable "capacity" {
  description = <<-EOT
    How each table's capacity is paid, as the table module takes it: on_demand (default), warm or
    not, or provisioned with autoscaling.
  EOT
  type = object({
    votes = optional(object({
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
    journal = optional(object({
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
    tallies = optional(object({
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
    catalogue = optional(object({
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
    of quarantined input (default 90) and of logs (default 30), least log level (default INFO), and
    whether destroying may delete what is in quarantine (default false).
  EOT
  type = object({
    deletion_protection    = optional(bool, true)
    point_in_time_recovery = optional(bool, true)
    quarantine_days        = optional(number, 90)
    quarantine_deletable   = optional(bool, false)
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
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key for queues, tables, bucket and logs; null (default) leaves
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
