# How the pipeline is watched.

variable "alarms" {
  description = <<-EOT
    Who hears the alarms (an SNS topic's ARN, default nobody), how much is watched ("all", default,
    or "essential": age, failing messages, dead letters and the run's own, no dashboard), and the
    limits: oldest message (default 300) and a running pacer's silence (default 120) in seconds, the
    least share of the permitted rate while there is work (least_percent, default 70), calls failed
    for good (default 100) and refused for their rate (throttled, default 10) in five minutes.
  EOT
  type = object({
    topic_arn      = optional(string)
    level          = optional(string, "all")
    oldest_seconds = optional(number, 300)
    silent_seconds = optional(number, 120)
    least_percent  = optional(number, 70)
    failed         = optional(number, 100)
    throttled      = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["all", "essential"], var.alarms.level)
    error_message = "alarms.level must be \"all\" or \"essential\"."
  }
  validation {
    condition     = var.alarms.silent_seconds >= 90
    error_message = "alarms.silent_seconds must be 90 or more: a silent pacer is woken once a minute."
  }
  validation {
    condition     = var.alarms.least_percent > 0 && var.alarms.least_percent < 100
    error_message = "alarms.least_percent must be above 0 and below 100, of the rate that the vendor permits."
  }
}
