variable "name" {
  description = <<-EOT
    Name of the queue without ".fifo", which a FIFO queue gets by itself; the dead-letter queue is
    called <name>-dlq.
  EOT
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[A-Za-z0-9_-]{1,71}$", var.name))
    error_message = join(" ", [
      "name must be 1-71 letters, digits, '-' or '_', so that '-dlq.fifo' still fits SQS's 80",
      "characters; leave '.fifo' out and set fifo = true.",
    ])
  }
}

variable "fifo" {
  description = <<-EOT
    Whether the queue and its dead-letter queue are FIFO, with high throughput per message group
    (default false).
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "consumer" {
  description = <<-EOT
    The pace of the function that takes from this queue, in seconds: its timeout, and the mapping's
    batching window (default 0).
  EOT
  type = object({
    timeout_seconds = number
    window_seconds  = optional(number, 0)
  })
  nullable = false

  validation {
    condition     = var.consumer.timeout_seconds >= 1 && var.consumer.timeout_seconds <= 900
    error_message = "consumer.timeout_seconds must be 1-900, Lambda's range."
  }
  validation {
    condition     = var.consumer.window_seconds >= 0 && var.consumer.window_seconds <= 300
    error_message = "consumer.window_seconds must be 0-300, the range of a mapping's batching window."
  }
  validation {
    condition     = !var.fifo || var.consumer.window_seconds == 0
    error_message = "A FIFO queue's mapping has no batching window: set consumer.window_seconds = 0, or fifo = false."
  }
  validation {
    condition = !var.fifo || var.consumer.timeout_seconds <= 120
    error_message = join(" ", [
      "A crashed FIFO consumer locks its group for six timeouts:",
      "set consumer.timeout_seconds to 120 or less, or fifo = false.",
    ])
  }
}

variable "delay_seconds" {
  description = "How long a message waits before it can be received, in seconds (default 0)."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.delay_seconds >= 0 && var.delay_seconds <= 900
    error_message = "delay_seconds must be 0-900, SQS's range."
  }
}

variable "max_receives" {
  description = "How many times a message is received before it is a dead letter (default 5)."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition = var.max_receives >= 5 && var.max_receives <= 1000
    error_message = join(" ", [
      "max_receives must be 5-1000: SQS may count a receive that the consumer never saw, so fewer",
      "than 5 sends healthy messages away.",
    ])
  }
}

variable "retention" {
  description = "How long messages (default 4 days) and dead letters (default 14 days) are kept, in seconds."
  type = object({
    seconds             = optional(number, 345600)
    dead_letter_seconds = optional(number, 1209600)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for s in values(var.retention) : s >= 60 && s <= 1209600])
    error_message = "retention must be 60-1209600 seconds (14 days), SQS's range."
  }
  validation {
    condition = var.retention.dead_letter_seconds >= var.retention.seconds
    error_message = join(" ", [
      "retention.dead_letter_seconds must not be less than retention.seconds:",
      "a dead letter's age counts from its first send, so it would vanish unseen.",
    ])
  }
}

variable "max_message_bytes" {
  description = "Largest message taken, in bytes (default 1048576, SQS's limit)."
  type        = number
  default     = 1048576
  nullable    = false

  validation {
    condition     = var.max_message_bytes >= 1024 && var.max_message_bytes <= 1048576
    error_message = "max_message_bytes must be 1024-1048576."
  }
}

variable "senders" {
  description = <<-EOT
    AWS services that send to the queue themselves, by a short name: the service's principal, such
    as "s3.amazonaws.com", and the ARN of the one bucket or topic for which it may (default none).
  EOT
  type        = map(object({ principal = string, source = string }))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.senders) : can(regex("^[A-Za-z0-9]+$", key))])
    error_message = "Each key of senders must be letters and digits: its statement is named by it."
  }
  validation {
    condition = alltrue([
      for s in values(var.senders) :
      can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", s.principal)) && can(regex("^arn:[^:*?]+:[^*?]+:[^*?]+$", s.source))
    ])
    error_message = join(" ", [
      "Each of senders must have a principal such as \"s3.amazonaws.com\", and the source's whole ARN",
      "without a wildcard: without it, the service would send for any other account too.",
    ])
  }
  validation {
    condition     = alltrue([for s in values(var.senders) : !var.fifo || endswith(s.source, ".fifo")])
    error_message = "Only a FIFO topic sends to a FIFO queue: set fifo = false for a bucket or a standard topic."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for both queues; null (default) leaves encryption to SQS's own free key."
  type        = string
  default     = null

  validation {
    condition = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = join(" ", [
      "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>):",
      "an alias does not work in an IAM policy.",
    ])
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
