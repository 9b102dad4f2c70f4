# The way in: one of three, by api.entrance (docs/reference/entrances.md has which one when). Each has
# the same outputs.

locals {
  routes = {
    "POST /v1/ballots" = { function = module.receive, throttle = var.api.throttle }
    "GET /v1/titles/{title_id}/results" = {
      function = module.results, throttle = var.api.results_throttle, public = true
    }
    "GET /v1/titles/{title_id}/vote" = { function = module.vote, throttle = local.seldom }
    "GET /v1/titles"                 = { function = module.results, throttle = local.seldom, public = true }
  }
  # Of a list, and of one's own vote: asked less often than results.
  seldom = { for name, limit in var.api.results_throttle : name => ceil(limit / 2) }

  origins = contains(var.api.origins, "*") ? ["*"] : distinct(concat(var.api.origins, local.page_origins))
  # Without a token, a voter who reads their own vote says who they are in a header.
  headers = concat(["content-type"], var.api.jwt == null ? ["voter-id"] : ["authorization"])
  cors    = length(local.origins) == 0 ? null : { origins = local.origins, headers = local.headers }

  # Whose word functions take for who asks: that of the entrance they have, and of no other.
  entrance = merge(
    { ENTRANCE = var.api.entrance },
    var.api.entrance == "alb" && var.api.jwt != null ? {
      TOKENS = jsonencode({ issuer = var.api.jwt.issuer, audience = var.api.jwt.audience })
    } : {},
  )

  # A Function URL has no tags of its own to say that nobody is asked for a token: its function does.
  asked_tags = merge(local.tags, var.api.entrance == "function_url" && var.api.anonymous ? { anonymous = "true" } : {})

  way_in = one(concat(module.api, module.alb, module.function_url))
}

module "api" {
  source = "../../modules/http-api"
  count  = var.api.entrance == "http_api" ? 1 : 0

  name               = var.name
  routes             = local.routes
  throttle           = var.api.throttle
  cors               = local.cors
  jwt                = var.api.jwt
  anonymous          = var.api.anonymous
  domain             = var.api.domain
  log_retention_days = var.keep.log_days
  log_fields         = var.api.log_fields
  kms_key_arn        = var.kms_key_arn
  tags               = local.tags
}

module "alb" {
  source = "../../modules/alb"
  count  = var.api.entrance == "alb" ? 1 : 0

  name    = var.name
  routes  = local.routes
  cors    = local.cors
  network = var.alb.network
  jwt = var.api.jwt == null ? null : {
    issuer = var.api.jwt.issuer, audience = var.api.jwt.audience, jwks_url = var.alb.jwks_url
  }
  anonymous = var.api.anonymous
  domain = var.api.domain == null ? null : {
    name = var.api.domain.name, certificate_arn = var.api.domain.certificate_arn
  }
  plain_http          = var.alb.plain_http
  tls_policy          = var.alb.tls_policy
  mutual_tls          = var.alb.mutual_tls
  waf                 = var.alb.waf
  access_logs         = var.alb.access_logs
  deletion_protection = var.keep.deletion_protection
  tags                = local.tags
}

module "function_url" {
  source = "../../modules/function-url"
  count  = var.api.entrance == "function_url" ? 1 : 0

  name          = var.name
  routes        = local.routes
  authorization = var.api.function_url.authorization
  callers       = var.api.function_url.callers
  anonymous     = var.api.anonymous
  cors          = local.cors
}
