variable "name" {
  description = "Name of the schedule; its role is called <name>-schedule."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{1,55}$", var.name))
    error_message = "name must be 1-55 letters, digits, '-', '_' or '.', so that its role's name fits IAM's 64 characters."
  }
}

variable "expression" {
  description = "When: \"rate(5 minutes)\", \"cron(0 3 * * ? *)\" or \"at(2026-01-31T00:00:00)\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^(rate|cron|at)\\(.+\\)$", var.expression))
    error_message = "expression must be rate(...), cron(...) or at(...), such as \"rate(5 minutes)\"."
  }
}

variable "timezone" {
  description = "Time zone that cron and at are read in (default UTC)."
  type        = string
  default     = "UTC"
  nullable    = false
}

variable "function" {
  description = "What is invoked: the function module itself."
  type = object({
    arn    = string
    invoke = object({ actions = list(string), resources = list(string) })
  })
  nullable = false
}

variable "input" {
  description = "The event that the function gets, as JSON (default {})."
  type        = string
  default     = "{}"
  nullable    = false

  validation {
    condition     = can(jsondecode(var.input))
    error_message = "input must be JSON: write it with jsonencode({...})."
  }
}

variable "retry" {
  description = "How often a refused invocation is tried again (default 2), and for how many seconds (default 300)."
  type = object({
    attempts    = optional(number, 2)
    age_seconds = optional(number, 300)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retry.attempts >= 0 && var.retry.attempts <= 185 && var.retry.age_seconds >= 60 && var.retry.age_seconds <= 86400
    error_message = "retry.attempts must be 0-185 and retry.age_seconds 60-86400, EventBridge Scheduler's ranges."
  }
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the schedule's role; null (default) sets none."
  type        = string
  default     = null
}
