variable "name" {
  description = "Name of the API."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1-64 letters, digits, '-' or '_'."
  }
}

variable "routes" {
  description = <<-EOT
    What answers each route, keyed "POST /v1/ballots": the function module itself, a throttle of its
    own, the token's scopes it needs, or public = true for no token.
  EOT
  type = map(object({
    function = object({ name = string, alias = string, invoke_arn = string })
    throttle = optional(object({ rate = number, burst = number }))
    scopes   = optional(list(string), [])
    public   = optional(bool, false)
  }))
  nullable = false

  validation {
    condition = alltrue([
      for key in keys(var.routes) :
      can(regex("^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /[^ ]*$", key))
    ])
    error_message = join(" ", [
      "Each route's key must be a method in capitals, one space and a path, such as \"GET",
      "/v1/titles/{title_id}/results\".",
    ])
  }
  validation {
    condition = alltrue([
      for r in values(var.routes) : r.throttle == null ? true : r.throttle.rate > 0 && r.throttle.burst >= 1
    ])
    error_message = "A route's throttle.rate and throttle.burst must be above 0: 0 refuses every request."
  }
  validation {
    condition     = alltrue([for r in values(var.routes) : var.jwt != null || length(r.scopes) == 0])
    error_message = "A route asks for scopes, but there is no authoriser to read them: set jwt, or leave scopes out."
  }
}

variable "throttle" {
  description = "Requests a second (default 1000) and burst (default 2000) that each route takes before it answers 429."
  type = object({
    rate  = optional(number, 1000)
    burst = optional(number, 2000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.throttle.rate > 0 && var.throttle.burst >= 1
    error_message = "throttle.rate and throttle.burst must be above 0: 0 refuses every request."
  }
}

variable "jwt" {
  description = <<-EOT
    Issuer and audiences of the tokens that routes ask for, and where they are (default the
    Authorization header); null (default) asks for none.
  EOT
  type = object({
    issuer   = string
    audience = list(string)
    source   = optional(string, "$request.header.Authorization")
  })
  default = null

  validation {
    condition = var.jwt == null ? true : (
      can(regex("^(https://|http://127\\.0\\.0\\.1:)", var.jwt.issuer)) && length(var.jwt.audience) > 0
    )
    error_message = join(" ", [
      "jwt.issuer must be an https:// address whose /.well-known/openid-configuration answers",
      "(http:// on 127.0.0.1 alone, where nobody listens in), and jwt.audience must name at least",
      "one audience.",
    ])
  }
}

variable "anonymous" {
  description = <<-EOT
    Whether anybody may call without a token though browsers do (default false: cors needs jwt); it
    stands on the API as a tag.
  EOT
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition = !var.anonymous || var.jwt == null
    error_message = join(" ", [
      "anonymous = true says that nobody is asked for a token, and jwt that everybody is: leave one",
      "of them out.",
    ])
  }
}

variable "domain" {
  description = <<-EOT
    A domain of your own: its name, the ARN of its certificate in this region, for mutual TLS the
    truststore in S3 (uri "s3://bucket/key", version), and whether it is the only way in, the API's
    own address being off (disable_default_endpoint, default true); null (default) has none.
  EOT
  type = object({
    name                     = string
    certificate_arn          = string
    truststore               = optional(object({ uri = string, version = optional(string) }))
    disable_default_endpoint = optional(bool, true)
  })
  default = null

  validation {
    condition = var.domain == null ? true : (
      can(regex("^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain.name)) &&
      can(regex("^arn:[^:]+:acm:[^:]+:[0-9]{12}:certificate/", var.domain.certificate_arn))
    )
    error_message = join(" ", [
      "domain.name must be a name in lower case such as \"votes.example.com\", and",
      "domain.certificate_arn the ARN of its ACM certificate",
      "(arn:aws:acm:<region>:<account>:certificate/<id>).",
    ])
  }
  validation {
    condition = try(var.domain.truststore, null) == null ? true : (
      can(regex("^s3://[^/]+/.+", var.domain.truststore.uri))
    )
    error_message = "domain.truststore.uri must be the S3 address of a file of certificates: \"s3://bucket/key\"."
  }
  validation {
    condition = try(var.domain.truststore, null) == null || try(var.domain.disable_default_endpoint, true)
    error_message = join(" ", [
      "domain.truststore asks for certificates at the domain alone: leave",
      "disable_default_endpoint = true, or whoever has none calls the API's own address.",
    ])
  }
}

variable "cors" {
  description = <<-EOT
    Origins, methods, headers and seconds (default 3600) that browsers on other sites are allowed,
    and the headers of an answer that their pages may read (exposed, default retry-after); null
    (default) allows none.
  EOT
  type = object({
    origins         = list(string)
    methods         = optional(list(string), ["GET", "POST"])
    headers         = optional(list(string), ["content-type", "authorization"])
    exposed         = optional(list(string), ["retry-after"])
    max_age_seconds = optional(number, 3600)
  })
  default = null

  validation {
    condition = var.cors == null ? true : length(var.cors.origins) > 0 && alltrue([
      for o in var.cors.origins :
      o == "*" || can(regex("^https?://[^/]+$", o))
    ])
    error_message = join(" ", [
      "cors.origins must name at least one origin, such as \"https://vote.example.com\" (scheme",
      "and host, no path), or \"*\".",
    ])
  }
  validation {
    condition = var.cors == null || var.jwt != null || var.anonymous
    error_message = join(" ", [
      "cors lets browsers call, and without a token they say who they are: set jwt, or",
      "anonymous = true if anybody may call as anybody.",
    ])
  }
}

variable "log_retention_days" {
  description = "Days that access logs are kept (default 30)."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition = contains([
      1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
      3288, 3653,
    ], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs knows, such as 7, 14, 30, 90 or 365."
  }
}

variable "log_fields" {
  description = <<-EOT
    What the access log says of each request (default: all that it can: time, request_id, route,
    status, bytes, latency_ms, integration_status, integration_error, authorizer_error,
    gateway_error); [] writes none. A line of all is some 260 bytes, $0.13 a million.
  EOT
  type        = list(string)
  default = [
    "time", "request_id", "route", "status", "bytes", "latency_ms", "integration_status", "integration_error",
    "authorizer_error", "gateway_error",
  ]
  nullable = false

  validation {
    condition = alltrue([
      for name in var.log_fields : contains([
        "time", "request_id", "route", "status", "bytes", "latency_ms", "integration_status", "integration_error",
        "authorizer_error", "gateway_error",
      ], name)
      ]) && (
      length(var.log_fields) == 0 || contains(var.log_fields, "request_id")
    )
    error_message = join(" ", [
      "log_fields may be time, request_id, route, status, bytes, latency_ms, integration_status,",
      "integration_error, authorizer_error and gateway_error; API Gateway wants request_id among them.",
    ])
  }
}

variable "kms_key_arn" {
  description = <<-EOT
    ARN of a customer managed key for the access logs, whose key policy lets CloudWatch Logs use it;
    null (default) leaves encryption to CloudWatch Logs.
  EOT
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
