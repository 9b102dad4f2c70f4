variable "name" {
  description = "Prefix of the alarms' names, and the dashboard's name."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,100}$", var.name))
    error_message = "name must be 1-100 letters, digits, '-' or '_'."
  }
}

variable "level" {
  description = <<-EOT
    How much is watched: "all" (default), or "essential": only age, dead letters and the metrics
    whose limit is essential, and no dashboard, for an environment that must cost little.
  EOT
  type        = string
  default     = "all"
  nullable    = false

  validation {
    condition     = contains(["all", "essential"], var.level)
    error_message = "level must be \"all\" or \"essential\"."
  }
}

variable "functions" {
  description = <<-EOT
    Functions to watch for errors and throttles, by a short name: the function module itself
    (default none).
  EOT
  type        = map(object({ name = string }))
  default     = {}
  nullable    = false
}

variable "queues" {
  description = <<-EOT
    Queues to watch for age, dead letters and an off mapping, by a short name: the queue module
    itself, the oldest age in seconds that is still well (default 300), and whether its messages are
    asked for by someone else than a mapping (pulled, default false), who is silent when all is well.
  EOT
  type = map(object({
    queue = object({
      name              = string
      dead_letter       = object({ name = string })
      retention_seconds = number
    })
    oldest_seconds = optional(number, 300)
    pulled         = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for q in values(var.queues) :
      q.oldest_seconds >= 60 && q.oldest_seconds <= q.queue.retention_seconds / 2
    ])
    error_message = join(" ", [
      "queues[*].oldest_seconds must be 60 or more and at most half the queue's retention, so that",
      "somebody can still act.",
    ])
  }
}

variable "tables" {
  description = <<-EOT
    Tables to watch for throttled reads and writes, by a short name: the table module itself
    (default none).
  EOT
  type        = map(object({ name = string }))
  default     = {}
  nullable    = false
}

variable "api" {
  description = <<-EOT
    Entrance to watch for 5xx answers: the module http-api, alb or function-url itself; null
    (default) for none. Its own further metrics go into metrics.
  EOT
  type = object({
    watch = object({
      requests = list(object({ namespace = string, name = string, dimensions = map(string) }))
      errors   = list(object({ namespace = string, name = string, dimensions = map(string) }))
      shown    = list(object({ namespace = string, name = string, dimensions = map(string) }))
    })
  })
  default = null
}

variable "server_error_percent" {
  description = "Share of 5xx answers above which the API's alarm goes off, in percent (default 1)."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.server_error_percent > 0 && var.server_error_percent < 100
    error_message = "server_error_percent must be above 0 and below 100."
  }
}

variable "metrics" {
  description = <<-EOT
    The pipeline's own metrics (default none): namespace, name, dimensions, statistic (default Sum),
    seconds a period (default 60); always on the dashboard, and an alarm where there is a limit
    above or below, in so many (datapoints, default all) of some periods (default 1), with missing
    data good (default) or bad, essential or not (default).
  EOT
  type = map(object({
    namespace      = string
    name           = string
    dimensions     = optional(map(string), {})
    statistic      = optional(string, "Sum")
    period_seconds = optional(number, 60)
    limit = optional(object({
      above           = optional(number)
      below           = optional(number)
      periods         = optional(number, 1)
      datapoints      = optional(number)
      missing_is_good = optional(bool, true)
      essential       = optional(bool, false)
      description     = string
    }))
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for m in values(var.metrics) :
      try((m.limit.above == null) != (m.limit.below == null), m.limit == null)
    ])
    error_message = "metrics[*].limit needs either above or below."
  }
  validation {
    condition = alltrue([
      for m in values(var.metrics) :
      try(m.limit.datapoints >= 1 && m.limit.datapoints <= m.limit.periods, true)
    ])
    error_message = "metrics[*].limit.datapoints must be 1 to limit.periods: of so many periods."
  }
  validation {
    condition = alltrue([
      for m in values(var.metrics) :
      contains(["Sum", "Average", "Minimum", "Maximum", "SampleCount"], m.statistic)
    ])
    error_message = "metrics[*].statistic must be Sum, Average, Minimum, Maximum or SampleCount."
  }
}

variable "topic_arn" {
  description = "ARN of an SNS topic (modules/topic) that hears every alarm and its end; null (default) tells nobody."
  type        = string
  default     = null

  validation {
    condition     = var.topic_arn == null || can(regex("^arn:[^:]+:sns:", var.topic_arn))
    error_message = "topic_arn must be the ARN of an SNS topic (arn:aws:sns:<region>:<account>:<name>)."
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
