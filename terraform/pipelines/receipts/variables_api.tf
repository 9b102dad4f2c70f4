# The way in: who may send, and how much.

variable "api" {
  description = <<-EOT
    Batches' and accounts' own requests a second (default 20 and 100) and burst (default 40 and 200)
    before 429, seconds that an upload's address is good for (default 900), origins of browsers,
    which may upload too (default none), a token's issuer and audience (default none: the body names
    the customer, which with origins needs anonymous = true) with the scope that may send for others,
    and a domain, as the http-api module takes it (default none), and so the access log's fields
    (log_fields, default all; [] writes none).
  EOT
  type = object({
    throttle         = optional(object({ rate = optional(number, 20), burst = optional(number, 40) }), {})
    account_throttle = optional(object({ rate = optional(number, 100), burst = optional(number, 200) }), {})
    upload_seconds   = optional(number, 900)
    origins          = optional(list(string), [])
    anonymous        = optional(bool, false)
    jwt              = optional(object({ issuer = string, audience = list(string) }))
    trusted_scope    = optional(string)
    domain = optional(object({
      name                     = string
      certificate_arn          = string
      truststore               = optional(object({ uri = string, version = optional(string) }))
      disable_default_endpoint = optional(bool, true)
    }))
    log_fields = optional(list(string))
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.api.trusted_scope == null || var.api.jwt != null
    error_message = "api.trusted_scope is read from a token: set api.jwt too, or leave trusted_scope out."
  }
  validation {
    condition = length(var.api.origins) == 0 || var.api.jwt != null || var.api.anonymous
    error_message = join(" ", [
      "api.origins lets browsers send, and without a token anybody may send, and ask, as anybody:",
      "set api.jwt, or api.anonymous = true if that is meant.",
    ])
  }
  validation {
    condition     = alltrue([for origin in var.api.origins : can(regex("^https?://[^/*]+$", origin))])
    error_message = "api.origins must be scheme and host, such as \"https://app.example.com\", no path and no wildcard."
  }
  validation {
    condition = !var.api.anonymous || var.api.jwt == null
    error_message = join(" ", [
      "api.anonymous = true says that nobody is asked for a token, and api.jwt that everybody is:",
      "leave one of them out.",
    ])
  }
  validation {
    condition = var.api.upload_seconds >= 60 && var.api.upload_seconds <= 900
    error_message = join(" ", [
      "api.upload_seconds must be 60-900: who has the address may upload until then, whoever it is;",
      "an upload that has begun may take longer.",
    ])
  }
}

variable "limits" {
  description = <<-EOT
    What one customer may send in a day (UTC): batches (default 200), files (default 5000), their
    bytes (default 20 GB) and the pixels that are read of them (default 60 billion).
  EOT
  type = object({
    batches = optional(number, 200)
    files   = optional(number, 5000)
    bytes   = optional(number, 20000000000)
    pixels  = optional(number, 60000000000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for most in values(var.limits) : most >= 1 && floor(most) == most])
    error_message = "limits must be whole numbers from 1 on: each is a ceiling of a customer's day."
  }
  validation {
    condition     = var.limits.batches <= 1000
    error_message = "limits.batches must be 1000 or less: each leaves two marks in the one row of the customer's day."
  }
}
