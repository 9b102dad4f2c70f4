variable "name" {
  description = "Name of the bucket, unique in all of AWS (put the account's number in it)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3-63 lower-case letters, digits or '-', and start and end with a letter or digit."
  }
}

variable "prefixes" {
  description = "What is kept where: the key prefix, and days after which an object expires (default null: never); the statements offered are one for each."
  type = map(object({
    prefix            = string
    expire_after_days = optional(number)
  }))
  default  = { all = { prefix = "" } }
  nullable = false

  validation {
    condition     = alltrue([for p in values(var.prefixes) : p.prefix == "" || endswith(p.prefix, "/")])
    error_message = "Each prefix must end with '/' (or be empty for the whole bucket), so that \"quarantine/\" does not also mean \"quarantine-old/\"."
  }
  validation {
    condition     = alltrue([for p in values(var.prefixes) : p.expire_after_days == null ? true : p.expire_after_days >= 1])
    error_message = "expire_after_days must be 1 or more; leave it out to keep objects."
  }
}

variable "versioning" {
  description = "Whether overwritten and deleted objects are kept for old_versions_days (default true)."
  type        = bool
  default     = true
  nullable    = false
}

variable "old_versions_days" {
  description = "Days that an overwritten or deleted object is kept (default 30)."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.old_versions_days >= 1
    error_message = "old_versions_days must be 1 or more; set versioning = false to keep none."
  }
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes what is in it, for environments that come and go (default false)."
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key; null (default) leaves encryption to S3's own free key."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>): an alias does not work in an IAM policy."
  }
}
