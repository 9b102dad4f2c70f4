variable "name" {
  description = "Name of the schedule; its role is called <name>-schedule."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[A-Za-z0-9_.-]{1,55}$", var.name))
    error_message = join(" ", [
      "name must be 1-55 letters, digits, '-', '_' or '.', so that its role's name fits IAM's 64",
      "characters.",
    ])
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
  description = <<-EOT
    What is invoked: the function module itself, with its asynchronous settings, which are the
    schedule's too: how often a refused delivery is tried again, and for how many seconds.
  EOT
  type = object({
    arn          = string
    invoke       = object({ actions = list(string), resources = list(string) })
    asynchronous = object({ retries = number, age_seconds = number })
  })
  nullable = false

  validation {
    condition = var.function.asynchronous != null
    error_message = join(" ", [
      "Scheduler does not wait for the function: say what Lambda does with an event that failed, by",
      "asynchronous = {} (no retry, five minutes) in the function module.",
    ])
  }
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

variable "enabled" {
  description = <<-EOT
    Whether the schedule is on when it is made (default true); after that a person switches it,
    without drift.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the schedule's role; null (default) sets none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
