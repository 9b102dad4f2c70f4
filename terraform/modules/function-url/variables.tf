variable "name" {
  description = "Name of the entrance, of which the statements' ids are made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must be 1-64 letters, digits, '-' or '_'."
  }
}

variable "routes" {
  description = <<-EOT
    What answers each route, keyed "POST /v1/ballots": the function module itself. A URL leads to
    one function with every method and path, which the function itself must tell apart.
  EOT
  type        = map(object({ function = object({ name = string, alias = string }) }))
  nullable    = false

  validation {
    condition = length(var.routes) > 0 && alltrue([
      for key in keys(var.routes) :
      can(regex("^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /[^ ]*$", key))
    ])
    error_message = join(" ", [
      "Each route's key must be a method in capitals, one space and a path, such as \"GET",
      "/v1/titles/{title_id}/results\"; there must be at least one.",
    ])
  }
}

variable "authorization" {
  description = "Who may call: \"NONE\" (default: anybody who knows the address) or \"AWS_IAM\" (signed requests)."
  type        = string
  default     = "NONE"
  nullable    = false

  validation {
    condition     = contains(["NONE", "AWS_IAM"], var.authorization)
    error_message = "authorization must be \"NONE\" or \"AWS_IAM\": for tokens, take http-api or alb."
  }
}

variable "callers" {
  description = <<-EOT
    With AWS_IAM: account numbers and role ARNs of other accounts that may call (default none; who
    is of this account needs it in a policy of their own).
  EOT
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = length(var.callers) == 0 || var.authorization == "AWS_IAM"
    error_message = "callers are let in by their signatures: set authorization = \"AWS_IAM\", or leave callers out."
  }
  validation {
    condition     = alltrue([for one in var.callers : can(regex("^([0-9]{12}|arn:[^:]+:iam::[0-9]{12}:.+)$", one))])
    error_message = "Each of callers must be an account's 12 digits or an ARN of IAM: \"*\" would be anybody's account."
  }
}

variable "anonymous" {
  description = <<-EOT
    Whether pages of other sites may call though nobody is asked who they are (default false). A URL
    has no tags: tag its functions anonymous = "true", which CKV_SLUICE_15 looks for.
  EOT
  type        = bool
  default     = false
  nullable    = false
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
    condition     = var.cors == null || var.anonymous
    error_message = "cors lets browsers call, which no signature tells apart: set anonymous = true if anybody may."
  }
}
