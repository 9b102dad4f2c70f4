variable "name" {
  description = "Prefix of every name in the pipeline, such as \"sluice-prod-receipts\"."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z][a-z0-9-]{1,38}$", var.name))
    error_message = join(" ", [
      "name must be 2-39 lower-case letters, digits or '-' and start with a letter: the buckets'",
      "names are made of it, \"-quarantine-\" and the account's number, and have 63 at most.",
    ])
  }
}

variable "packages" {
  description = <<-EOT
    A zip for each function, named "receipts-" and the function: a path, or bucket and key (and
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
    condition = alltrue([for function in local.function_names : contains(keys(var.packages), "receipts-${function}")])
    error_message = join(" ", [
      "packages must hold ${join(", ", [for function in local.function_names : "receipts-${function}"])}:",
      "run `make package` and pass -var-file=build/packages/lambda/packages.tfvars.json,",
      "or see the README for released zips.",
    ])
  }
  validation {
    condition     = alltrue([for p in values(var.packages) : (p.path != null) != (p.bucket != null && p.key != null)])
    error_message = "Each package needs either path (a local zip) or bucket and key (a released one), not both."
  }
}

variable "reading" {
  description = <<-EOT
    What reads, by name (default textract), pages a second that the account may have read (default
    5, AWS's own), and what is known beside the pictures (hints): the country (ISO 3166-1), whether
    the day comes first in a date, and the currencies (ISO 4217) of amounts without a code (default
    nothing).
  EOT
  type = object({
    reader         = optional(string, "textract")
    pages_a_second = optional(number, 5)
    hints = optional(object({
      country    = optional(string)
      day_first  = optional(bool)
      currencies = optional(list(string), [])
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = can(regex("^[A-Za-z0-9._ -]{1,64}$", var.reading.reader))
    error_message = "reading.reader must be 1-64 letters, digits, blanks, '.', '_' or '-': it stands in each document."
  }
  validation {
    condition     = var.reading.pages_a_second > 0
    error_message = "reading.pages_a_second must be above 0: it is the account's quota of AnalyzeExpense."
  }
  validation {
    condition = (
      var.reading.hints.country == null ? true : can(regex("^[A-Z]{2}$", var.reading.hints.country))
    ) && alltrue([for code in var.reading.hints.currencies : can(regex("^[A-Z]{3}$", code))])
    error_message = "reading.hints must have a country such as \"GB\" and currencies such as [\"GBP\", \"EUR\"]."
  }
}

variable "sizing" {
  description = <<-EOT
    Memory (MB), timeout (seconds), batch size, most batches at once and receives before a dead
    letter, for each function (defaults: the quota of five pages a second, kept busy).
  EOT
  type = object({
    accept = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 15)
    }), {})
    split = optional(object({
      memory_mb           = optional(number, 512)
      timeout_seconds     = optional(number, 120)
      batch_size          = optional(number, 2)
      maximum_concurrency = optional(number, 20)
      max_receives        = optional(number, 10)
    }), {})
    read = optional(object({
      memory_mb           = optional(number, 1769)
      timeout_seconds     = optional(number, 180)
      batch_size          = optional(number, 1)
      maximum_concurrency = optional(number, 20)
      max_receives        = optional(number, 1000)
    }), {})
    account = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 15)
    }), {})
    sweep = optional(object({
      memory_mb       = optional(number, 256)
      timeout_seconds = optional(number, 60)
    }), {})
    deliver = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 60)
      max_receives    = optional(number, 1000)
    }), {})
    wake = optional(object({
      memory_mb       = optional(number, 256)
      timeout_seconds = optional(number, 15)
    }), {})
    settle = optional(object({
      memory_mb           = optional(number, 512)
      timeout_seconds     = optional(number, 60)
      batch_size          = optional(number, 10)
      maximum_concurrency = optional(number, 2)
      max_receives        = optional(number, 100)
    }), {})
    review = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 15)
    }), {})
    report = optional(object({
      memory_mb       = optional(number, 512)
      timeout_seconds = optional(number, 29)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for function in [var.sizing.accept, var.sizing.account, var.sizing.review, var.sizing.report] :
      function.timeout_seconds <= 29
    ])
    error_message = join(" ", [
      "timeout_seconds of sizing.accept, account, review and report must be 29 or less: the HTTP API",
      "gives up after 30 s.",
    ])
  }
  validation {
    condition = var.sizing.deliver.timeout_seconds >= 60 && var.sizing.deliver.timeout_seconds <= 120
    error_message = join(" ", [
      "sizing.deliver.timeout_seconds must be 60-120: a transaction that the database answers late",
      "ends within its last 15 %, and a lane whose run crashed waits for six timeouts.",
    ])
  }
  validation {
    condition = var.sizing.deliver.max_receives >= 100
    error_message = join(" ", [
      "sizing.deliver.max_receives must be 100 or more: a lane gives a pointer back when its database",
      "goes away, and nothing is wrong with it.",
    ])
  }
  validation {
    condition = var.sizing.split.memory_mb >= 512 && var.sizing.read.memory_mb >= 1024
    error_message = join(" ", [
      "sizing.split.memory_mb must be 512 or more and sizing.read.memory_mb 1024 or more: one holds a",
      "file of 32 MB twice, the other a picture of 60 million pixels.",
    ])
  }
  validation {
    condition = var.sizing.read.timeout_seconds >= 120
    error_message = join(" ", [
      "sizing.read.timeout_seconds must be 120 or more: the reader is asked three times, and waited",
      "for 30 s each.",
    ])
  }
  validation {
    condition = var.sizing.read.max_receives >= 100
    error_message = join(" ", [
      "sizing.read.max_receives must be 100 or more: a reader that is busy for a night gives a",
      "picture back as often, and nothing is wrong with it.",
    ])
  }
  validation {
    condition = var.sizing.read.maximum_concurrency * var.sizing.read.batch_size <= 10 * var.reading.pages_a_second
    error_message = join(" ", [
      "sizing.read.maximum_concurrency times batch_size is over ten times reading.pages_a_second:",
      "more only wait for the reader, and are paid for it. Lower it, or raise the quota first",
      "(`make preflight`) and then reading.pages_a_second.",
    ])
  }
}

variable "capacity" {
  description = <<-EOT
    How the tables' capacity is paid, ledger and usage: on demand, made warm for some units a second
    and held below a most, as the table module takes it (default neither).
  EOT
  type = object({
    ledger = optional(object({
      warm = optional(object({ read_units = number, write_units = number }))
      most = optional(object({ read_units = number, write_units = number }))
    }), {})
    usage = optional(object({
      warm = optional(object({ read_units = number, write_units = number }))
      most = optional(object({ read_units = number, write_units = number }))
    }), {})
  })
  default  = {}
  nullable = false
}

variable "keep" {
  description = <<-EOT
    What is kept: deletion protection and point in time recovery of the tables (default true), days
    of what came and of pictures out of archives (default 60), of a batch's rows (default 400), of
    what was read (documents, default null: for ever), of what tells of refused files (default 90)
    and of logs (default 30), least log level (default INFO), and whether destroying may delete what
    is in the buckets (default false).
  EOT
  type = object({
    deletion_protection    = optional(bool, true)
    point_in_time_recovery = optional(bool, true)
    upload_days            = optional(number, 60)
    batch_days             = optional(number, 400)
    document_days          = optional(number)
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
    condition = var.keep.upload_days >= 15
    error_message = join(" ", [
      "keep.upload_days must be 15 or more: a message waits up to 14 days for a reader that is away,",
      "and points at bytes that must still be there.",
    ])
  }
  validation {
    condition = (
      var.keep.batch_days >= var.keep.upload_days &&
      coalesce(var.keep.document_days, var.keep.batch_days) >= var.keep.batch_days
    )
    error_message = join(" ", [
      "keep.batch_days must be keep.upload_days or more, and keep.document_days keep.batch_days or",
      "more: a row points at what came and at what was read.",
    ])
  }
}

variable "endpoints" {
  description = <<-EOT
    Addresses of AWS services that the functions find elsewhere than by their region, keyed as boto3
    names them in variables, such as TEXTRACT (default none).
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition = alltrue([
      for service, url in var.endpoints :
      can(regex("^[A-Z0-9_]+$", service)) && can(regex("^(https://|http://127\\.0\\.0\\.1:[0-9]+)", url))
    ])
    error_message = join(" ", [
      "endpoints must be such as { TEXTRACT = \"https://…\" }; http:// on 127.0.0.1 alone, where nobody",
      "listens in.",
    ])
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key for queues, tables, buckets and logs, whose key policy lets S3 use
    it for the intake queue; null (default) leaves encryption to each service's own free key.
  EOT
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds every role of the pipeline; null (default) sets none."
  type        = string
  default     = null
}
