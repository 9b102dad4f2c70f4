variable "name" {
  description = "Name of the function; its role and log group are named after it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1-64 letters, digits, '-' or '_', Lambda's and IAM's limit."
  }
}

variable "description" {
  description = "What the function does, in a sentence (default empty)."
  type        = string
  default     = ""
  nullable    = false
}

variable "package" {
  description = "The zip, built outside Terraform: a local path, or bucket and key (and object_version), with the base64 SHA-256 of its bytes as hash."
  type = object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  })
  nullable = false

  validation {
    condition     = (var.package.path != null) != (var.package.bucket != null && var.package.key != null)
    error_message = "package needs either path (a local zip) or bucket and key (a released one), not both: take it from packages.tfvars.json, or see the README for released zips."
  }
  validation {
    condition     = can(regex("^[A-Za-z0-9+/]{43}=$", var.package.hash))
    error_message = "package.hash must be the base64 SHA-256 of the zip (44 characters), as the manifest and filebase64sha256() give it; a hex digest does not match Lambda's own."
  }
}

variable "handler" {
  description = "Dotted path of the handler in the package, such as \"votes.receive.handler\"."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = "Lambda runtime (default python3.13) and architecture (default arm64) that the package was built for."
  type = object({
    name         = optional(string, "python3.13")
    architecture = optional(string, "arm64")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.runtime.architecture)
    error_message = "runtime.architecture must be \"arm64\" or \"x86_64\", whichever the wheels in the package are for."
  }
}

variable "sizing" {
  description = "Memory in MB (default 256) and timeout in seconds (default 10) of one invocation."
  type = object({
    memory_mb       = optional(number, 256)
    timeout_seconds = optional(number, 10)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.sizing.memory_mb >= 128 && var.sizing.memory_mb <= 10240
    error_message = "sizing.memory_mb must be 128-10240."
  }
  validation {
    condition     = var.sizing.timeout_seconds >= 1 && var.sizing.timeout_seconds <= 900
    error_message = "sizing.timeout_seconds must be 1-900."
  }
}

variable "environment" {
  description = "Environment variables of the function (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "consumes" {
  description = "Queues the function takes from: the queue module itself, messages a batch (default 10), and most batches at once (maximum_concurrency)."
  type = map(object({
    queue = object({
      arn      = string
      fifo     = bool
      consumer = object({ timeout_seconds = number, window_seconds = number })
      consume = object({
        actions   = list(string)
        resources = list(string)
        key       = optional(object({ arn = string, actions = list(string), service = string }))
      })
    })
    batch_size          = optional(number, 10)
    maximum_concurrency = number
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for c in values(var.consumes) : c.queue.consumer.timeout_seconds >= var.sizing.timeout_seconds])
    error_message = "A queue that the function consumes was built for a shorter timeout than sizing.timeout_seconds: give both the same number (queue: consumer.timeout_seconds), so that visibility holds."
  }
  validation {
    condition     = alltrue([for c in values(var.consumes) : c.batch_size >= 1 && c.batch_size <= (c.queue.fifo ? 10 : 10000)])
    error_message = "consumes[*].batch_size must be 1-10 for a FIFO queue and 1-10000 for a standard one."
  }
  validation {
    condition     = alltrue([for c in values(var.consumes) : c.batch_size <= 10 || c.queue.consumer.window_seconds >= 1])
    error_message = "A batch of more than 10 messages needs a batching window: set the queue's consumer.window_seconds to 1 or more, or consumes[*].batch_size to 10 or less."
  }
  validation {
    condition     = alltrue([for c in values(var.consumes) : c.maximum_concurrency >= 2 && c.maximum_concurrency <= 1000])
    error_message = "consumes[*].maximum_concurrency must be 2-1000, SQS's range; it is what paces the function (reserved concurrency would send healthy messages to the dead-letter queue)."
  }
}

variable "allows" {
  description = "What the function's code may call: statements that the modules offer, such as module.count.send (default none)."
  type = list(object({
    actions   = list(string)
    resources = list(string)
    key       = optional(object({ arn = string, actions = list(string), service = string }))
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for s in var.allows : length(s.actions) > 0 && length(s.resources) > 0])
    error_message = "Each statement in allows needs at least one action and one resource."
  }
  validation {
    condition     = alltrue(flatten([for s in var.allows : [for a in s.actions : !endswith(a, "*")]]))
    error_message = "allows takes exact actions: name each action the code calls instead of a wildcard."
  }
}

variable "logs" {
  description = "Days that logs are kept (default 30), and least level of the function's (default INFO) and of Lambda's own lines (default WARN)."
  type = object({
    retention_days = optional(number, 30)
    level          = optional(string, "INFO")
    system_level   = optional(string, "WARN")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.logs.retention_days)
    error_message = "logs.retention_days must be one that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
  validation {
    condition     = contains(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"], var.logs.level) && contains(["DEBUG", "INFO", "WARN"], var.logs.system_level)
    error_message = "logs.level must be TRACE, DEBUG, INFO, WARN, ERROR or FATAL, and logs.system_level DEBUG, INFO or WARN."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for the log group, whose key policy lets CloudWatch Logs use it; null (default) leaves encryption to CloudWatch Logs."
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the function's role; null (default) sets none."
  type        = string
  default     = null
}
