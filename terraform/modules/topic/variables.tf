variable "name" {
  description = "Name of the topic."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.name))
    error_message = "name must be 1-256 letters, digits, '-' or '_', SNS's rule for a standard topic."
  }
}

variable "emails" {
  description = <<-EOT
    E-mail addresses that hear what is published, each once it has confirmed by the link that AWS
    sends it (default none).
  EOT
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for e in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", e))])
    error_message = "Each of emails must be an e-mail address."
  }
  validation {
    condition     = length(var.emails) + length(var.webhooks) > 0
    error_message = "emails or webhooks must name somebody: a topic that tells nobody is none."
  }
}

variable "webhooks" {
  description = <<-EOT
    HTTPS addresses that hear what is published, by a short name, such as an on-call service's; each
    confirms by the address in the first message (default none).
  EOT
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for url in values(var.webhooks) : can(regex("^https://[^/@\\s]+(/\\S*)?$", url))])
    error_message = "Each of webhooks must be an address that begins with https://, without a user in it."
  }
}

variable "own_key" {
  description = <<-EOT
    Whether a key is made for the topic where kms_key_arn names none, for $1 a month (default true);
    false leaves encryption to SNS's disks.
  EOT
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key, whose key policy lets CloudWatch and Budgets use it; null
    (default) for none.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = join(" ", [
      "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>):",
      "with alias/aws/sns, CloudWatch could publish nothing.",
    ])
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
