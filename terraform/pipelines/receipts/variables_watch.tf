# How the pipeline is watched.

variable "alarms" {
  description = <<-EOT
    Who hears the alarms (an SNS topic's ARN, default nobody), how much is watched ("all", default,
    or "essential": age, failing messages, dead letters and the sweep, no dashboard), and the
    limits: oldest upload that nobody has looked at (default 600), oldest picture that nobody has
    read (default 43200, for the reader's pace is a quota), oldest document that no lane has taken
    (delivery, default 3600), oldest answer of a lane that nobody has noted (delivered, default
    600), oldest document that does not stand in the database (undelivered, default 21600) and
    oldest receipt that waits for a person (review, default 604800) in seconds, files that the
    intake refuses, or that cannot be read, in five minutes (default 500 of either), and rows that
    the database refuses in as long (refused, default 100).
  EOT
  type = object({
    topic_arn = optional(string)
    level     = optional(string, "all")
    oldest_seconds = optional(object({
      intake    = optional(number, 600)
      image     = optional(number, 43200)
      delivery  = optional(number, 3600)
      delivered = optional(number, 600)

      undelivered = optional(number, 21600)
      review      = optional(number, 604800)
    }), {})
    quarantined = optional(number, 500)
    refused     = optional(number, 100)
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
