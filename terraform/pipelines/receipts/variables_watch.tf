# How the pipeline is watched.

variable "alarms" {
  description = <<-EOT
    Who hears the alarms (an SNS topic's ARN, default nobody), how much is watched ("all", default,
    or "essential": age, failing messages, dead letters and the sweep, no dashboard), and the
    limits: oldest upload that nobody has looked at (default 600) and oldest picture that nobody has
    read (default 43200, for the reader's pace is a quota) in seconds, files that the intake
    refuses, or that cannot be read, in five minutes (default 500 of either).
  EOT
  type = object({
    topic_arn      = optional(string)
    level          = optional(string, "all")
    oldest_seconds = optional(object({ intake = optional(number, 600), image = optional(number, 43200) }), {})
    quarantined    = optional(number, 500)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["all", "essential"], var.alarms.level)
    error_message = "alarms.level must be \"all\" or \"essential\"."
  }
}

variable "sweep_minutes" {
  description = "Minutes between two looks at what waits longer than it should (default 5)."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = contains([1, 2, 3, 4, 5, 10, 15, 20, 30, 60], var.sweep_minutes)
    error_message = "sweep_minutes must be 1, 2, 3, 4, 5, 10, 15, 20, 30 or 60."
  }
}
