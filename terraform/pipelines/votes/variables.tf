variable "name" {
  description = "Prefix of every name in the pipeline, such as \"sluice-prod-votes\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,39}$", var.name))
    error_message = "name must be 2-40 lower-case letters, digits or '-' and start with a letter: the bucket's name is made of it and the account's number."
  }
}

variable "packages" {
  description = "The seven zips by name (votes-receive, votes-process, votes-write, votes-tally, votes-results, votes-conservation, votes-probe): a path, or bucket and key (and object_version), and the base64 SHA-256 as hash."
  type = map(object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  }))
  nullable = false

  validation {
    condition     = length(setsubtract(["votes-receive", "votes-process", "votes-write", "votes-tally", "votes-results", "votes-conservation", "votes-probe"], keys(var.packages))) == 0
    error_message = "packages must hold votes-receive, votes-process, votes-write, votes-tally, votes-results, votes-conservation and votes-probe: run `make package` and pass -var-file=build/packages/lambda/packages.tfvars.json, or see the README for released zips."
  }
  validation {
    condition     = alltrue([for p in values(var.packages) : (p.path != null) != (p.bucket != null && p.key != null)])
    error_message = "Each package needs either path (a local zip) or bucket and key (a released one), not both."
  }
}

variable "voting" {
  description = "What may be voted on: aspects, the least (default 1) and highest (default 5) score, and whether titles missing from the catalogue are taken (\"accept\", default) or \"quarantine\"d."
  type = object({
    aspects         = list(string)
    scale           = optional(object({ lowest = number, highest = number }), { lowest = 1, highest = 5 })
    unlisted_titles = optional(string, "accept")
  })
  nullable = false

  validation {
    condition     = length(var.voting.aspects) > 0 && length(distinct(var.voting.aspects)) == length(var.voting.aspects) && alltrue([for a in var.voting.aspects : can(regex("^[A-Za-z0-9_-]{1,64}$", a))])
    error_message = "voting.aspects must name at least one aspect, each once, in 1-64 letters, digits, '_' or '-'."
  }
  validation {
    condition     = var.voting.scale.lowest < var.voting.scale.highest && floor(var.voting.scale.lowest) == var.voting.scale.lowest && floor(var.voting.scale.highest) == var.voting.scale.highest
    error_message = "voting.scale must be two whole numbers with lowest below highest."
  }
  validation {
    condition     = contains(["accept", "quarantine"], var.voting.unlisted_titles)
    error_message = "voting.unlisted_titles must be \"accept\" (titles are open, a listed one obeys its window) or \"quarantine\" (only the catalogue's titles)."
  }
}

variable "counting" {
  description = "Shards (never changed later), seconds between two folds (default 5), most changes one fold takes in (default 20000), and the share of ballots that leave witnesses (default one in 1024)."
  type = object({
    shards        = number
    slot_seconds  = optional(number, 5)
    epoch_changes = optional(number, 20000)
    witness_share = optional(number, 1024)
  })
  nullable = false

  validation {
    condition     = var.counting.shards >= 1 && var.counting.shards <= 256 && floor(var.counting.shards) == var.counting.shards
    error_message = "counting.shards must be a whole number, 1-256: about one for each 600 ballots a second at the peak, 4 for a small environment."
  }
  validation {
    condition     = var.counting.slot_seconds >= 1 && var.counting.slot_seconds <= 240 && floor(var.counting.slot_seconds) == var.counting.slot_seconds
    error_message = "counting.slot_seconds must be a whole number, 1-240: a slot must end well before SQS forgets its deduplication id, after 300 s."
  }
  validation {
    condition     = var.counting.epoch_changes >= 1 && var.counting.witness_share >= 1
    error_message = "counting.epoch_changes and counting.witness_share must be 1 or more (a share of 1 makes every ballot a witness)."
  }
}

variable "sizing" {
  description = "Memory (MB), timeout and window (seconds), batch size, most batches at once and receives before a dead letter, for each function (defaults: some hundred ballots a second)."
  type = object({
    receive = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 10)
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
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 5)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.sizing.write.timeout_seconds <= 15
    error_message = "sizing.write.timeout_seconds must be 15 or less: a crashed writer locks its shard for six timeouts."
  }
  validation {
    condition     = var.sizing.write.maximum_concurrency <= max(2, var.counting.shards)
    error_message = "sizing.write.maximum_concurrency above counting.shards buys nothing: one shard is one message group, worked on by one writer at a time."
  }
  validation {
    condition     = var.sizing.receive.timeout_seconds <= 29 && var.sizing.results.timeout_seconds <= 29
    error_message = "sizing.receive.timeout_seconds and sizing.results.timeout_seconds must be 29 or less: the HTTP API gives up after 30 s."
  }
}

variable "capacity" {
  description = "How each table's capacity is paid, as the table module takes it: on_demand (default), warm or not, or provisioned with autoscaling."
  type = object({
    votes = optional(object({
      on_demand   = optional(object({ warm = optional(object({ read_units = number, write_units = number })) }))
      provisioned = optional(object({ read = object({ least = number, most = number }), write = object({ least = number, most = number }), utilisation_percent = optional(number, 70) }))
    }), { on_demand = {} })
    journal = optional(object({
      on_demand   = optional(object({ warm = optional(object({ read_units = number, write_units = number })) }))
      provisioned = optional(object({ read = object({ least = number, most = number }), write = object({ least = number, most = number }), utilisation_percent = optional(number, 70) }))
    }), { on_demand = {} })
    tallies = optional(object({
      on_demand   = optional(object({ warm = optional(object({ read_units = number, write_units = number })) }))
      provisioned = optional(object({ read = object({ least = number, most = number }), write = object({ least = number, most = number }), utilisation_percent = optional(number, 70) }))
    }), { on_demand = {} })
    catalogue = optional(object({
      on_demand   = optional(object({ warm = optional(object({ read_units = number, write_units = number })) }))
      provisioned = optional(object({ read = object({ least = number, most = number }), write = object({ least = number, most = number }), utilisation_percent = optional(number, 70) }))
    }), { on_demand = {} })
  })
  default  = {}
  nullable = false
}

variable "api" {
  description = "Requests a second (default 1000) and burst (default 2000) before 429, origins of browsers (default none), and a token's issuer and audience (default none: the body names the voter) with the scope that may vote for others."
  type = object({
    throttle      = optional(object({ rate = optional(number, 1000), burst = optional(number, 2000) }), {})
    origins       = optional(list(string), [])
    jwt           = optional(object({ issuer = string, audience = list(string) }))
    trusted_scope = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.api.trusted_scope == null || var.api.jwt != null
    error_message = "api.trusted_scope is read from a token: set api.jwt too, or leave trusted_scope out."
  }
}

variable "keep" {
  description = "What is kept: deletion protection and point in time recovery of the tables (default true), days of quarantined input (default 90) and of logs (default 30), least log level (default INFO), and whether destroying may delete what is in quarantine (default false)."
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
    condition     = contains(["DEBUG", "INFO", "WARN", "ERROR"], var.keep.log_level)
    error_message = "keep.log_level must be DEBUG, INFO, WARN or ERROR, the levels that Lambda and the functions' logger both know."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for queues, tables, bucket and logs; null (default) leaves encryption to each service's own free key."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role of the pipeline; null (default) sets none."
  type        = string
  default     = null
}

variable "alarms" {
  description = "Who hears the alarms (an SNS topic's ARN, default nobody), how much is watched (\"all\", default, or \"essential\": age, dead letters, conservation and the probe, no other metrics, no dashboard), and the limits: oldest message (default 300), fold lag (default 900) and newest counted ballot of the probe (default 300) in seconds, quarantined ballots in five minutes (default 1000)."
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
    condition     = var.alarms.fold_lag_seconds >= 60 && var.alarms.fold_lag_seconds <= 86400
    error_message = "alarms.fold_lag_seconds must be 60-86400: journal entries expire after 30 days, and somebody must have time to act."
  }
}

variable "checks" {
  description = "Minutes between two looks at the witnesses and between two ballots of the probe (default 1 each; 0 turns one off), seconds within which an accepted ballot settles (default: the visibility of ingest and count), and for which one that did not is reported (default 3600)."
  type = object({
    conservation_minutes = optional(number, 1)
    probe_minutes        = optional(number, 1)
    latency_seconds      = optional(number)
    look_back_seconds    = optional(number, 3600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for minutes in [var.checks.conservation_minutes, var.checks.probe_minutes] : contains([0, 1, 2, 3, 4, 5, 10, 15, 20, 30, 60], minutes)])
    error_message = "checks.conservation_minutes and checks.probe_minutes must be 1, 2, 3, 4, 5, 10, 15, 20, 30 or 60, or 0 for none."
  }
  validation {
    condition     = coalesce(var.checks.latency_seconds, 1) >= 1 && var.checks.look_back_seconds >= 180 * var.checks.conservation_minutes && var.checks.look_back_seconds <= 86400
    error_message = "checks.latency_seconds must be 1 or more, and checks.look_back_seconds three rounds (checks.conservation_minutes) to 86400: what one look could not read, the next must still see."
  }
  validation {
    condition     = var.alarms.probe_age_seconds >= 120 * var.checks.probe_minutes + var.counting.slot_seconds
    error_message = "alarms.probe_age_seconds must be at least two rounds of the probe (checks.probe_minutes) and counting.slot_seconds: a ballot is looked at when the next is due, and the next waits until it is counted."
  }
}
