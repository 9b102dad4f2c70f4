variable "name" {
  description = "Name of the site; the account's number follows it in the bucket's."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,48}[a-z0-9]$", var.name))
    error_message = "name must be 3-50 lower-case letters, digits or '-', start with a letter and not end with '-'."
  }
}

variable "folder" {
  description = "Folder of the site's files, with an index.html in it."
  type        = string
  nullable    = false

  validation {
    condition     = fileexists("${var.folder}/index.html")
    error_message = "folder must hold an index.html: give the path of the site's files, from path.root or path.module."
  }
}

variable "config" {
  description = "What the page reads as config.json, a JSON text (default {})."
  type        = string
  default     = "{}"
  nullable    = false

  validation {
    condition     = can(jsondecode(var.config))
    error_message = "config must be JSON: write it with jsonencode."
  }
}

variable "connects_to" {
  description = "Origins of the APIs that the page talks to, in its content security policy (default none)."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition = alltrue([for origin in var.connects_to : can(regex("^https://[^/;, ]+$", origin))])
    error_message = join(" ", [
      "connects_to must be origins such as \"https://votes.example.com\": scheme and host, no path,",
      "no blank.",
    ])
  }
}

variable "domain" {
  description = <<-EOT
    A domain of your own: its name and the ARN of its ACM certificate, which must be in us-east-1;
    TLS 1.2 is the least then. null (default) has CloudFront's own name, whose least it chooses.
  EOT
  type        = object({ name = string, certificate_arn = string })
  default     = null

  validation {
    condition = var.domain == null ? true : (
      can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain.name)) &&
      can(regex("^arn:[^:]+:acm:us-east-1:[0-9]{12}:certificate/", var.domain.certificate_arn))
    )
    error_message = join(" ", [
      "domain.name must be a name in lower case such as \"vote.example.com\", and",
      "domain.certificate_arn the ARN of its ACM certificate in us-east-1, where CloudFront looks.",
    ])
  }
}

variable "web_acl_arn" {
  description = "ARN of a web ACL (WAF) for CloudFront; null (default) has none."
  type        = string
  default     = null
}

variable "logs_bucket" {
  description = "Domain name of a bucket for access logs, which takes ACLs; null (default) writes none."
  type        = string
  default     = null
}

variable "cache_seconds" {
  description = "Seconds that browsers and CloudFront keep a file (default 300); config.json is always asked for."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.cache_seconds >= 0 && floor(var.cache_seconds) == var.cache_seconds
    error_message = "cache_seconds must be a whole number of seconds, 0 or more."
  }
}

variable "price_class" {
  description = "Where CloudFront serves from: PriceClass_100 (default), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
  nullable    = false

  validation {
    condition     = contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], var.price_class)
    error_message = "price_class must be PriceClass_100, PriceClass_200 or PriceClass_All."
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
