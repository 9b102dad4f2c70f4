# The voting page on the internet, for who wants it (docs/how-to/voting-page.md).

variable "website" {
  description = <<-EOT
    Puts the voting page (web/vote) on the internet, as the website module does: the domain that it
    has, with the ARN of its certificate in us-east-1, titles' names by title_id (default none), a
    web ACL's ARN and a bucket for access logs (default none of either), where CloudFront serves
    from (default PriceClass_100), and seconds that browsers keep a file (default 300). Its origin is
    one of the API's then. null (default) makes no page.
  EOT
  type = object({
    domain        = object({ name = string, certificate_arn = string })
    names         = optional(map(string), {})
    web_acl_arn   = optional(string)
    logs_bucket   = optional(string)
    price_class   = optional(string)
    cache_seconds = optional(number)
  })
  default = null

  validation {
    condition = var.website == null || var.api.jwt != null || var.api.anonymous
    error_message = join(" ", [
      "website lets browsers vote, and without a token anybody may vote, and withdraw, as anybody:",
      "set api.jwt, or api.anonymous = true if that is meant.",
    ])
  }
  validation {
    condition = var.website == null || var.api.entrance != "function_url"
    error_message = join(" ", [
      "The page of website talks to one address, and Function URLs are one a function: take",
      "api.entrance = \"http_api\" or \"alb\".",
    ])
  }
  validation {
    condition = var.website == null || var.api.entrance != "alb" || var.api.domain != null
    error_message = join(" ", [
      "A page that came by HTTPS may talk to nobody without: of an ALB, website needs api.domain, or",
      "take api.entrance = \"http_api\".",
    ])
  }
}
