# The way in: who may start a run, look at one and steer it.

variable "api" {
  description = <<-EOT
    Each route's requests a second (default 5) and burst (default 20) before 429, the issuer and
    audience of the tokens that it asks for with the scope that they need (default none), or
    anonymous = true for none, a domain, as the http-api module takes it (default none), and so the
    access log's fields (log_fields, default all; [] writes none).
  EOT
  type = object({
    throttle  = optional(object({ rate = optional(number, 5), burst = optional(number, 20) }), {})
    anonymous = optional(bool, false)
    jwt       = optional(object({ issuer = string, audience = list(string) }))
    scope     = optional(string)
    domain = optional(object({
      name                     = string
      certificate_arn          = string
      truststore               = optional(object({ uri = string, version = optional(string) }))
      disable_default_endpoint = optional(bool, true)
    }))
    log_fields = optional(list(string))
  })
  nullable = false

  validation {
    condition     = var.api.scope == null || var.api.jwt != null
    error_message = "api.scope is read from a token: set api.jwt too, or leave scope out."
  }
  validation {
    condition = var.api.anonymous != (var.api.jwt != null)
    error_message = join(" ", [
      "Whoever reaches this API can use up what the vendor permits: set api.jwt, or api.anonymous = true",
      "where nobody else reaches it; not both.",
    ])
  }
}
