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
  description = "What answers each route, keyed \"POST /v1/ballots\": the function module itself, a throttle of its own, the token's scopes it needs, or public = true for no token."
  type = map(object({
    function = object({ name = string, alias = string, invoke_arn = string })
    throttle = optional(object({ rate = number, burst = number }))
    scopes   = optional(list(string), [])
    public   = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = alltrue([for key in keys(var.routes) : can(regex("^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /[^ ]*$", key))])
    error_message = "Each route's key must be a method in capitals, one space and a path, such as \"GET /v1/titles/{title_id}/results\"."
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
  description = "Issuer and audiences of the tokens that routes ask for, and where they are (default the Authorization header); null (default) asks for none."
  type = object({
    issuer   = string
    audience = list(string)
    source   = optional(string, "$request.header.Authorization")
  })
  default = null

  validation {
    condition     = var.jwt == null ? true : startswith(var.jwt.issuer, "https://") && length(var.jwt.audience) > 0
    error_message = "jwt.issuer must be an https:// address whose /.well-known/openid-configuration answers, and jwt.audience must name at least one audience."
  }
}

variable "cors" {
  description = "Origins, methods, headers and seconds (default 3600) that browsers on other sites are allowed; null (default) allows none."
  type = object({
    origins         = list(string)
    methods         = optional(list(string), ["GET", "POST"])
    headers         = optional(list(string), ["content-type", "authorization"])
    max_age_seconds = optional(number, 3600)
  })
  default = null

  validation {
    condition     = var.cors == null ? true : length(var.cors.origins) > 0 && alltrue([for o in var.cors.origins : o == "*" || can(regex("^https?://[^/]+$", o))])
    error_message = "cors.origins must name at least one origin, such as \"https://vote.example.com\" (scheme and host, no path), or \"*\"."
  }
}

variable "log_retention_days" {
  description = "Days that access logs are kept (default 30)."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one that CloudWatch Logs knows, such as 7, 14, 30, 90 or 365."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key for the access logs, whose key policy lets CloudWatch Logs use it; null (default) leaves encryption to CloudWatch Logs."
  type        = string
  default     = null
}
