# The way in: who may vote, and how much one may send.

variable "api" {
  description = <<-EOT
    Ballots' and results' own requests a second (default 1000 each) and burst (default 2000 each)
    before 429 (an HTTP API's alone; a list's and an own vote's are half of the results'), most
    ballots a request of a voter (default 1) and of a trusted token (default 500), origins of
    browsers (default none), a token's issuer and audience (default none: the body names the voter,
    which with origins needs anonymous = true) with the scope that may vote for others, a domain, as
    the http-api module takes it (default none), and so the access log's fields (log_fields, default
    all; [] writes none); which entrance there is (entrance: "http_api", default, "alb" or
    "function_url"), and who may call a Function URL, as its module takes it.
  EOT
  type = object({
    throttle         = optional(object({ rate = optional(number, 1000), burst = optional(number, 2000) }), {})
    results_throttle = optional(object({ rate = optional(number, 1000), burst = optional(number, 2000) }), {})
    most_ballots     = optional(object({ voter = optional(number, 1), trusted = optional(number, 500) }), {})
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
    entrance   = optional(string, "http_api")
    function_url = optional(object({
      authorization = optional(string, "NONE")
      callers       = optional(list(string), [])
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["http_api", "alb", "function_url"], var.api.entrance)
    error_message = "api.entrance must be \"http_api\", \"alb\" or \"function_url\"."
  }
  validation {
    condition = var.api.entrance != "function_url" || (var.api.jwt == null && var.api.domain == null)
    error_message = join(" ", [
      "A Function URL knows neither tokens nor a domain of your own: leave api.jwt and api.domain",
      "out, or take api.entrance = \"http_api\" or \"alb\".",
    ])
  }
  validation {
    condition = var.api.entrance != "alb" || var.alb != null
    error_message = join(" ", [
      "api.entrance = \"alb\" needs a network to stand in: set alb = { network = { vpc_id,",
      "subnet_ids } }.",
    ])
  }
  validation {
    condition = var.api.entrance != "alb" || try(var.api.domain.truststore, null) == null
    error_message = join(" ", [
      "api.domain.truststore is an HTTP API's: for an ALB set alb.mutual_tls (bucket, key) instead.",
    ])
  }
  validation {
    condition     = var.api.trusted_scope == null || var.api.jwt != null
    error_message = "api.trusted_scope is read from a token: set api.jwt too, or leave trusted_scope out."
  }
  validation {
    condition = length(var.api.origins) == 0 || var.api.jwt != null || var.api.anonymous
    error_message = join(" ", [
      "api.origins lets browsers vote, and without a token anybody may vote, and withdraw, as",
      "anybody: set api.jwt, or api.anonymous = true if that is meant.",
    ])
  }
  validation {
    condition = !var.api.anonymous || var.api.jwt == null
    error_message = join(" ", [
      "api.anonymous = true says that nobody is asked for a token, and api.jwt that everybody is:",
      "leave one of them out.",
    ])
  }
  validation {
    condition = alltrue([
      for most in values(var.api.most_ballots) : most >= 1 && most <= 500 && floor(most) == most
    ])
    error_message = join(" ", [
      "api.most_ballots.voter and api.most_ballots.trusted must be whole numbers, 1-500: more do not",
      "fit what a request may cost.",
    ])
  }
}

variable "alb" {
  description = <<-EOT
    What an ALB takes beside api, as the alb module takes it: network, plain_http, tls_policy,
    mutual_tls, waf, access_logs, and where the issuer's keys are (jwks_url); null (default) where
    the entrance is another one.
  EOT
  type = object({
    network = object({
      vpc_id     = string
      subnet_ids = list(string)
      internal   = optional(bool, false)
      from       = optional(list(string), ["0.0.0.0/0"])
    })
    plain_http = optional(bool, false)
    tls_policy = optional(string)
    mutual_tls = optional(object({ bucket = string, key = string, version = optional(string) }))
    waf = optional(object({
      requests       = number
      token_requests = optional(number)
      window_seconds = optional(number)
    }))
    access_logs = optional(object({ bucket = string, prefix = optional(string) }))
    jwks_url    = optional(string)
  })
  default = null
}
