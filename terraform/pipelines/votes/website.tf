# The voting page, where var.website is given. The API lets in the page's origin, and the page may talk
# to the API's address: so the origin is of the page's domain, which is told, and never of what
# CloudFront draws, which would be known after the API alone.

locals {
  page_origins = [for website in var.website[*] : "https://${website.domain.name}"]

  # What web/vote reads as config.json.
  page_config = {
    api     = local.way_in.urls["POST /v1/ballots"]
    aspects = var.voting.aspects
    scale   = var.voting.scale
    voter   = local.voter_from == "token" ? "token" : "anonymous"
    names   = try(var.website.names, {})
  }
}

module "website" {
  source = "../../modules/website"
  count  = var.website == null ? 0 : 1

  name = "${var.name}-page"
  # looked for where it is wanted alone: a module is validated where there is none of it, too
  folder        = var.website == null ? path.module : "${path.module}/../../../web/vote"
  connects_to   = [local.page_config.api]
  config        = jsonencode(local.page_config)
  domain        = var.website.domain
  web_acl_arn   = var.website.web_acl_arn
  logs_bucket   = var.website.logs_bucket
  price_class   = var.website.price_class
  cache_seconds = var.website.cache_seconds
  tags          = local.tags
}
