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
  description = <<-EOT
    The zip, built outside Terraform: a local path, or bucket and key (and object_version), with the
    base64 SHA-256 of its bytes as hash.
  EOT
  type = object({
    path           = optional(string)
    bucket         = optional(string)
    key            = optional(string)
    object_version = optional(string)
    hash           = string
  })
  nullable = false

  validation {
    condition = (var.package.path != null) != (var.package.bucket != null && var.package.key != null)
    error_message = join(" ", [
      "package needs either path (a local zip) or bucket and key (a released one), not both:",
      "take it from packages.tfvars.json, or see the README for released zips.",
    ])
  }
  validation {
    condition = can(regex("^[A-Za-z0-9+/]{43}=$", var.package.hash))
    error_message = join(" ", [
      "package.hash must be the base64 SHA-256 of the zip (44 characters), as the manifest and",
      "filebase64sha256() give it; a hex digest does not match Lambda's own.",
    ])
  }
}

variable "handler" {
  description = "Dotted path of the handler in the package, such as \"votes.receive.handler\"."
  type        = string
  nullable    = false
}

variable "runtime" {
  description = <<-EOT
    Lambda runtime (name, default python3.13) and architecture (default arm64) that the package was
    built for, and ARNs of the layer versions it is run with (layers, at most five, default none).
  EOT
  type = object({
    name         = optional(string, "python3.13")
    architecture = optional(string, "arm64")
    layers       = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.runtime.architecture)
    error_message = "runtime.architecture must be \"arm64\" or \"x86_64\", whichever the wheels in the package are for."
  }
  validation {
    condition = (
      length(var.runtime.layers) <= 5 &&
      alltrue([for arn in var.runtime.layers : can(regex(":layer:[^:]+:[0-9]+$", arn))])
    )
    error_message = "runtime.layers takes at most five ARNs of layer versions, which end in :layer:NAME:VERSION."
  }
}

variable "sizing" {
  description = <<-EOT
    Memory in MB (default 256), timeout in seconds (default 10) and room in /tmp in MB (storage_mb,
    default 512) of one invocation; and how many run at once, at most and whatever others take of
    the account's concurrency (reserved_concurrency, default null: as many as the account has left).
  EOT
  type = object({
    memory_mb       = optional(number, 256)
    timeout_seconds = optional(number, 10)
    storage_mb      = optional(number, 512)

    reserved_concurrency = optional(number)
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
  validation {
    condition     = var.sizing.storage_mb >= 512 && var.sizing.storage_mb <= 10240
    error_message = "sizing.storage_mb must be 512-10240."
  }
  validation {
    condition     = var.sizing.reserved_concurrency == null ? true : var.sizing.reserved_concurrency >= 1
    error_message = "sizing.reserved_concurrency must be 1 or more: 0 turns the function off; null reserves none."
  }
}

variable "environment" {
  description = "Environment variables of the function (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "allows" {
  description = <<-EOT
    What the function's code may call: statements that the modules offer, such as module.count.send
    (default none).
  EOT
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

variable "vpc" {
  description = <<-EOT
    Subnets and security groups of the function, with the rights for its network interfaces; null
    (default) is outside of any VPC.
  EOT
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null

  validation {
    condition     = var.vpc == null ? true : length(var.vpc.subnet_ids) > 0 && length(var.vpc.security_group_ids) > 0
    error_message = "vpc needs at least one subnet (better one in each of two zones) and one security group."
  }
}

variable "logs" {
  description = <<-EOT
    Days that logs are kept (default 30), least level of the function's (default INFO) and of
    Lambda's own lines (default WARN), and whether X-Ray traces invocations (traces, default false).
  EOT
  type = object({
    retention_days = optional(number, 30)
    level          = optional(string, "INFO")
    system_level   = optional(string, "WARN")
    traces         = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
      3288, 3653,
    ], var.logs.retention_days)
    error_message = join(" ", [
      "logs.retention_days must be one that CloudWatch Logs knows:",
      "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,",
      "2922, 3288 or 3653.",
    ])
  }
  validation {
    condition = (
      contains(["TRACE", "DEBUG", "INFO"], var.logs.level) &&
      contains(["DEBUG", "INFO", "WARN"], var.logs.system_level)
    )
    error_message = join(" ", [
      "logs.level must be TRACE, DEBUG or INFO: above it Lambda drops metrics, which are lines",
      "without a level. Let the function's own logger be quieter (POWERTOOLS_LOG_LEVEL).",
      "logs.system_level must be DEBUG, INFO or WARN.",
    ])
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key for the log group, whose key policy lets CloudWatch Logs use it;
    null (default) leaves encryption to CloudWatch Logs.
  EOT
  type        = string
  default     = null
}

variable "permissions_boundary" {
  description = "ARN of a policy that bounds the function's role; null (default) sets none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
