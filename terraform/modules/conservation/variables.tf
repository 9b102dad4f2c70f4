variable "name" {
  description = "Name of the function, its role, its log group and its schedule."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,55}$", var.name))
    error_message = "name must be 1-55 letters, digits, '-' or '_', so that its schedule's role fits IAM's limit."
  }
}

variable "package" {
  description = "The zip of the function, as modules/function takes it, with the handler that shared.conservation has."
  type = object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  })
  nullable = false
}

variable "handler" {
  description = "Dotted path of the handler in the package, such as \"orders.conservation.handler\"."
  type        = string
  nullable    = false
}

variable "accepted" {
  description = "Functions whose logs say what was accepted, by a short name: the function modules themselves."
  type = map(object({
    log_group = string
    read_logs = object({
      actions   = list(string)
      resources = list(string)
      key       = optional(object({ arn = string, actions = list(string), service = string }))
    })
  }))
  nullable = false

  validation {
    condition     = length(var.accepted) > 0
    error_message = "accepted needs a function that calls Witnessing.accepted: without one nothing is ever missing."
  }
}

variable "settled" {
  description = "Functions whose logs say what was settled, by a short name: the function modules themselves."
  type = map(object({
    log_group = string
    read_logs = object({
      actions   = list(string)
      resources = list(string)
      key       = optional(object({ arn = string, actions = list(string), service = string }))
    })
  }))
  nullable = false

  validation {
    condition     = length(var.settled) > 0
    error_message = "settled needs a function that calls Witnessing.settled: without one everything is missing."
  }
}

variable "consumers" {
  description = "Functions whose mappings must be on, by a short name: the function modules themselves (default none)."
  type = map(object({
    mappings = map(string)
    read_mapping = map(object({
      actions   = list(string)
      resources = list(string)
      key       = optional(object({ arn = string, actions = list(string), service = string }))
    }))
  }))
  default  = {}
  nullable = false
}

variable "witnesses" {
  description = <<-EOT
    What is watched: the items' name in words (default Items), one in so many of them (share,
    default 1024; 1 is every one), and the table of keys, hash key "name", whose row chooses them.
  EOT
  type = object({
    items      = optional(string, "Items")
    share      = optional(number, 1024)
    keys_table = string
  })
  nullable = false

  validation {
    condition     = var.witnesses.share >= 1 && floor(var.witnesses.share) == var.witnesses.share
    error_message = "witnesses.share must be a whole number, 1 or more: a share of 1 makes every item a witness."
  }
}

variable "check" {
  description = <<-EOT
    Minutes between two checks (default 1; 0 for none), seconds within which an accepted item
    settles (latency_seconds), and for which one that did not is reported (look_back_seconds,
    default 3600).
  EOT
  type = object({
    minutes           = optional(number, 1)
    latency_seconds   = number
    look_back_seconds = optional(number, 3600)
  })
  nullable = false

  validation {
    condition     = contains([0, 1, 2, 3, 4, 5, 10, 15, 20, 30, 60], var.check.minutes)
    error_message = "check.minutes must be 1, 2, 3, 4, 5, 10, 15, 20, 30 or 60, or 0 for none."
  }
  validation {
    condition     = var.check.latency_seconds >= 1 && var.check.look_back_seconds > 2 * 60 * var.check.minutes
    error_message = "check.latency_seconds must be 1 or more, and check.look_back_seconds two checks or more."
  }
}

variable "telemetry" {
  description = <<-EOT
    Namespace and service of the metrics (default: name for each), and the least level of its lines
    (log_level, default INFO).
  EOT
  type = object({
    namespace = optional(string)
    service   = optional(string)
    log_level = optional(string, "INFO")
  })
  default  = {}
  nullable = false
}

variable "logs" {
  description = "Logs of the function, as modules/function takes them (default its defaults)."
  type = object({
    retention_days = optional(number, 30)
    level          = optional(string, "INFO")
    system_level   = optional(string, "WARN")
    traces         = optional(bool, false)
  })
  default  = {}
  nullable = false
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for the log group; null (default) leaves encryption to CloudWatch Logs."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the function's and the schedule's role; null (default) sets none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
