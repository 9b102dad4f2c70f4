variable "name" {
  description = "Name of the load balancer."
  type        = string
  nullable    = false

  validation {
    condition = (
      can(regex("^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$", var.name)) && !startswith(var.name, "internal-")
    )
    error_message = join(" ", [
      "name must be 1-32 letters, digits or '-', with no '-' at either end and no \"internal-\" in",
      "front, the limits of Elastic Load Balancing.",
    ])
  }
}

variable "routes" {
  description = <<-EOT
    What answers each route, keyed "POST /v1/ballots": the function module itself, or public = true
    for no token. A place in a path ("{title_id}") matches slashes too: the function must look again.
  EOT
  type = map(object({
    function = object({ name = string, alias = string, arn = string })
    public   = optional(bool, false)
  }))
  nullable = false

  validation {
    condition = length(var.routes) > 0 && length(var.routes) <= 90 && alltrue([
      for key in keys(var.routes) :
      can(regex("^(GET|POST|PUT|PATCH|DELETE|HEAD|ANY) /[^ ?*]*$", key))
    ])
    error_message = join(" ", [
      "Each route's key must be a method in capitals, one space and a path, such as \"GET",
      "/v1/titles/{title_id}/results\"; a listener takes 100 rules, and OPTIONS is answered by it.",
    ])
  }
}

variable "network" {
  description = <<-EOT
    The VPC, two or more of its subnets in as many zones (public ones unless internal), whether only
    the VPC reaches it (internal, default false), and the addresses that may connect (from, default
    all).
  EOT
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
    internal   = optional(bool, false)
    from       = optional(list(string), ["0.0.0.0/0"])
  })
  nullable = false

  validation {
    condition     = length(distinct(var.network.subnet_ids)) >= 2
    error_message = "network.subnet_ids must name at least two subnets, in two zones: a load balancer wants no fewer."
  }
  validation {
    condition     = length(var.network.from) > 0 && alltrue([for one in var.network.from : can(cidrhost(one, 0))])
    error_message = "network.from must be blocks of addresses such as \"203.0.113.0/24\"; leave it out for all."
  }
}

variable "domain" {
  description = <<-EOT
    A domain of your own: its name and the ARN of its certificate in this region; null (default)
    needs plain_http = true.
  EOT
  type        = object({ name = string, certificate_arn = string })
  default     = null

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
    condition = (var.domain == null) == var.plain_http
    error_message = join(" ", [
      "A load balancer has no certificate of its own: give it domain (name, certificate_arn), or",
      "plain_http = true where nobody listens in, which takes no domain.",
    ])
  }
}

variable "plain_http" {
  description = "Whether it speaks HTTP without TLS, for where nobody listens in (default false)."
  type        = bool
  default     = false
  nullable    = false
}

variable "tls_policy" {
  description = "Which versions and ciphers are spoken (default TLS 1.2 and 1.3, with forward secrecy)."
  type        = string
  default     = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  nullable    = false

  validation {
    condition = can(regex("^ELBSecurityPolicy-(TLS13|FS)-1-[23]-", var.tls_policy))
    error_message = join(" ", [
      "tls_policy must be one of Elastic Load Balancing's that speaks nothing older than TLS 1.2,",
      "such as \"ELBSecurityPolicy-TLS13-1-3-2021-06\".",
    ])
  }
}

variable "mutual_tls" {
  description = <<-EOT
    For clients that show a certificate: bucket and key (and version) of the certificates of who
    signs them; null (default) asks for none.
  EOT
  type        = object({ bucket = string, key = string, version = optional(string) })
  default     = null

  validation {
    condition     = var.mutual_tls == null || var.domain != null
    error_message = "mutual_tls is a part of TLS: it needs domain (name, certificate_arn)."
  }
}

variable "jwt" {
  description = <<-EOT
    Issuer and audiences of the tokens that routes ask for, and where the issuer's keys are (default
    its /.well-known/jwks.json: at most 10 of RS256); null (default) asks for none. The listener
    verifies signature, issuer and times, the function the audience.
  EOT
  type = object({
    issuer   = string
    audience = list(string)
    jwks_url = optional(string)
  })
  default = null

  validation {
    condition = var.jwt == null ? true : (
      can(regex("^(https://|http://127\\.0\\.0\\.1:)", var.jwt.issuer)) && length(var.jwt.audience) > 0 &&
      can(regex("^(https://|http://127\\.0\\.0\\.1:)", coalesce(var.jwt.jwks_url, var.jwt.issuer)))
    )
    error_message = join(" ", [
      "jwt.issuer and jwt.jwks_url must be https:// addresses (http:// on 127.0.0.1 alone, where",
      "nobody listens in), and jwt.audience must name at least one audience.",
    ])
  }
  validation {
    condition     = var.jwt == null ? true : var.domain != null || startswith(var.jwt.issuer, "http://127.0.0.1:")
    error_message = "jwt is verified behind TLS alone: give the load balancer a domain (name, certificate_arn)."
  }
}

variable "anonymous" {
  description = <<-EOT
    Whether anybody may call without a token though browsers do (default false: cors needs jwt); it
    stands on the load balancer as a tag.
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

variable "cors" {
  description = <<-EOT
    The one origin, the methods, headers and seconds (default 3600) that browsers on another site
    are allowed, and the headers of an answer that their pages may read (exposed, default
    retry-after); null (default) allows none.
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
    condition = var.cors == null ? true : (
      length(var.cors.origins) == 1 &&
      alltrue([for o in var.cors.origins : o == "*" || can(regex("^https?://[^/]+$", o))])
    )
    error_message = join(" ", [
      "cors.origins must name one origin, such as \"https://vote.example.com\" (scheme and host, no",
      "path), or \"*\": a load balancer gives every request the same answer. For several, take",
      "http-api.",
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

variable "waf" {
  description = <<-EOT
    Requests of one address (requests) and of one token (token_requests, default none) in a window
    of 60, 120, 300 (default) or 600 seconds (window_seconds), past which WAF answers 403; null
    (default) has none. $5 and $1 a rule a month, $0.60 a million requests.
  EOT
  type = object({
    requests       = number
    token_requests = optional(number)
    window_seconds = optional(number, 300)
  })
  default = null

  validation {
    condition = var.waf == null ? true : alltrue([
      for most in [var.waf.requests, coalesce(var.waf.token_requests, 10)] : most >= 10 && most <= 2000000000
    ])
    error_message = "waf.requests and waf.token_requests must be 10 or more, WAF's least."
  }
  validation {
    condition     = var.waf == null ? true : contains([60, 120, 300, 600], var.waf.window_seconds)
    error_message = "waf.window_seconds must be 60, 120, 300 or 600: WAF knows no other window."
  }
}

variable "access_logs" {
  description = <<-EOT
    Bucket (and prefix) for a line a request, which says who asked; its policy must let Elastic Load
    Balancing write. null (default) writes none.
  EOT
  type        = object({ bucket = string, prefix = optional(string) })
  default     = null
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the load balancer (default true); turn it off and apply, then delete."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
