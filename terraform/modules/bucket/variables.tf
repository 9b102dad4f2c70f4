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
  description = <<-EOT
    What is kept where: the key prefix, and days after which an object expires (default null:
    never); the statements offered are one for each.
  EOT
  type = map(object({
    prefix            = string
    expire_after_days = optional(number)
  }))
  default  = { all = { prefix = "" } }
  nullable = false

  validation {
    condition = alltrue([for p in values(var.prefixes) : p.prefix == "" || endswith(p.prefix, "/")])
    error_message = join(" ", [
      "Each prefix must end with '/' (or be empty for the whole bucket), so that \"quarantine/\"",
      "does not also mean \"quarantine-old/\".",
    ])
  }
  validation {
    condition = alltrue([
      for p in values(var.prefixes) :
      p.expire_after_days == null ? true : p.expire_after_days >= 1
    ])
    error_message = "expire_after_days must be 1 or more; leave it out to keep objects."
  }
}

variable "services" {
  description = <<-EOT
    AWS services that use the bucket themselves, such as a trail that writes there: the service's
    principal, the ARN of the one thing of yours for which it may, its actions on the bucket and on
    the objects under a prefix (default none).
  EOT
  type = map(object({
    principal = string
    source    = string
    bucket    = optional(set(string), [])
    objects   = optional(set(string), [])
    prefix    = optional(string, "")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.services) : can(regex("^[A-Za-z0-9]+$", key))])
    error_message = "Each key of services must be letters and digits: its statements are named by it."
  }
  validation {
    condition = alltrue([
      for s in values(var.services) :
      can(regex("^[a-z0-9.-]+\\.amazonaws\\.com$", s.principal)) && can(regex("^arn:[^*?]+$", s.source))
    ])
    error_message = join(" ", [
      "Each of services must have a principal such as \"cloudtrail.amazonaws.com\", and the source's",
      "whole ARN without a wildcard: without it, the service would do it for any other account too.",
    ])
  }
  validation {
    condition = alltrue([
      for s in values(var.services) : alltrue([
        for action in setunion(s.bucket, s.objects) : can(regex("^s3:[A-Za-z]+$", action))
      ])
    ])
    error_message = "Each action of services must be one of S3's by name, such as \"s3:PutObject\", without a wildcard."
  }
}

variable "notifications" {
  description = <<-EOT
    Queues that hear of objects, by a short name: the queue module itself, whose senders name this
    bucket, the events (default s3:ObjectCreated:*), and what the objects' keys begin and end with
    (prefix and suffix, default anything); default none.
  EOT
  type = map(object({
    queue  = object({ arn = string, fifo = bool })
    events = optional(set(string), ["s3:ObjectCreated:*"])
    prefix = optional(string, "")
    suffix = optional(string, "")
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for n in values(var.notifications) : !n.queue.fifo])
    error_message = "S3 sends to no FIFO queue: give notifications a standard one."
  }
  validation {
    condition = alltrue([
      for n in values(var.notifications) :
      length(n.events) > 0 && alltrue([for e in n.events : can(regex("^s3:[A-Za-z]+(:[A-Za-z*]+)?$", e))])
    ])
    error_message = "notifications[*].events must be S3's, such as \"s3:ObjectCreated:*\" or \"s3:ObjectCreated:Put\"."
  }
  validation {
    condition = alltrue(flatten([
      for a, one in var.notifications : [
        for b, other in var.notifications :
        length(setintersection(
          [for e in one.events : split(":", e)[1]], [for e in other.events : split(":", e)[1]],
        )) == 0 ||
        !(startswith(one.prefix, other.prefix) || startswith(other.prefix, one.prefix)) ||
        !(endswith(one.suffix, other.suffix) || endswith(other.suffix, one.suffix))
        if a != b
      ]
    ]))
    error_message = join(" ", [
      "Two of notifications are of the same events and the same objects, which S3 refuses: give each",
      "a prefix that no other begins with.",
    ])
  }
}

variable "cors" {
  description = <<-EOT
    Origins whose pages may use the bucket by presigned addresses, with the methods (default PUT),
    the headers of a request (default content-type and x-amz-*), those of an answer that a page may
    read (exposed, default etag) and how long a browser remembers it in seconds (default 3600); null
    (default) lets no page.
  EOT
  type = object({
    origins         = set(string)
    methods         = optional(set(string), ["PUT"])
    headers         = optional(set(string), ["content-type", "x-amz-*"])
    exposed         = optional(set(string), ["etag"])
    max_age_seconds = optional(number, 3600)
  })
  default = null

  validation {
    condition = var.cors == null ? true : length(var.cors.origins) > 0 && alltrue([
      for o in var.cors.origins :
      can(regex("^https?://[^/*]+$", o))
    ])
    error_message = join(" ", [
      "cors.origins must name at least one origin, such as \"https://app.example.com\" (scheme and",
      "host, no path, no wildcard).",
    ])
  }
  validation {
    condition = var.cors == null ? true : length(var.cors.methods) > 0 && length(
      setsubtract(var.cors.methods, ["GET", "HEAD", "POST", "PUT", "DELETE"])
    ) == 0
    error_message = "cors.methods must be of GET, HEAD, POST, PUT and DELETE, S3's."
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
  description = <<-EOT
    Whether destroying the bucket deletes what is in it, for environments that come and go (default
    false).
  EOT
  type        = bool
  default     = false
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key; null (default) leaves encryption to S3's own free key."
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
