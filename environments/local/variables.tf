variable "environment" {
  description = "Name of this environment, part of every name."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Number of the one account that this environment may be applied to."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be the 12 digits of an AWS account."
  }
}

variable "region" {
  description = "AWS region (default us-east-1)."
  type        = string
  default     = "us-east-1"
  nullable    = false
}

variable "packages" {
  description = "The five zips by name (votes-receive, votes-process, votes-write, votes-tally, votes-results): a path, or bucket and key (and object_version), and the base64 SHA-256 as hash."
  type = map(object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  }))
  nullable = false
}

variable "voting" {
  description = "What may be voted on: aspects, the least (default 1) and highest (default 5) score, and whether titles missing from the catalogue are taken (\"accept\", default) or \"quarantine\"d."
  type = object({
    aspects         = list(string)
    scale           = optional(object({ lowest = number, highest = number }), { lowest = 1, highest = 5 })
    unlisted_titles = optional(string, "accept")
  })
  nullable = false
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
}

variable "alarms" {
  description = "Who hears the alarms (an SNS topic's ARN, default nobody), and the limits: oldest message (default 300) and fold lag (default 900) in seconds, quarantined ballots in five minutes (default 1000)."
  type = object({
    topic_arn        = optional(string)
    oldest_seconds   = optional(number, 300)
    fold_lag_seconds = optional(number, 900)
    quarantined      = optional(number, 1000)
  })
  default  = {}
  nullable = false
}
