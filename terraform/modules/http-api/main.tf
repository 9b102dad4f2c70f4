locals {
  # Whoever reads a plan or the account sees that this API asks nobody for a token (CKV_SLUICE_15).
  tags = merge(var.tags, var.anonymous ? { anonymous = "true" } : {})

  # Neither address nor token: a line says what happened to a request, not who made it. A value that
  # may hold quotes brings its own (messageString).
  fields = {
    time               = "\"$context.requestTime\""
    request_id         = "\"$context.requestId\""
    route              = "\"$context.routeKey\""
    status             = "\"$context.status\""
    bytes              = "\"$context.responseLength\""
    latency_ms         = "\"$context.responseLatency\""
    integration_status = "\"$context.integrationStatus\""
    integration_error  = "\"$context.integrationErrorMessage\""
    authorizer_error   = "\"$context.authorizer.error\""
    gateway_error      = "$context.error.messageString"
  }

  # A permission's id; of two routes that would have one, each has its own.
  routes = { for key in keys(var.routes) : key => replace(key, "/[^A-Za-z0-9]+/", "-") }
  ambiguous = [
    for key, one in local.routes : key if length([for other in values(local.routes) : 1 if other == one]) > 1
  ]
}

resource "aws_apigatewayv2_api" "this" {
  name                         = var.name
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = try(var.domain.disable_default_endpoint, false)
  tags                         = local.tags

  dynamic "cors_configuration" {
    for_each = var.cors == null ? [] : [var.cors]
    content {
      allow_origins = cors_configuration.value.origins
      allow_methods = cors_configuration.value.methods
      allow_headers = cors_configuration.value.headers
      # without it a page cannot know how long it is asked to wait
      expose_headers = cors_configuration.value.exposed
      max_age        = cors_configuration.value.max_age_seconds
    }
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = var.jwt == null ? 0 : 1

  api_id           = aws_apigatewayv2_api.this.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = [var.jwt.source]

  jwt_configuration {
    issuer   = var.jwt.issuer
    audience = var.jwt.audience
  }
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.routes

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = each.value.function.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

resource "aws_apigatewayv2_route" "this" {
  # checkov:skip=CKV_AWS_309: A token is an input (jwt); CKV_SLUICE_15 judges the plan, and anonymous = true says why.
  for_each = var.routes

  api_id               = aws_apigatewayv2_api.this.id
  route_key            = each.key
  target               = "integrations/${aws_apigatewayv2_integration.this[each.key].id}"
  authorization_type   = var.jwt == null || each.value.public ? "NONE" : "JWT"
  authorizer_id        = var.jwt == null || each.value.public ? null : aws_apigatewayv2_authorizer.jwt[0].id
  authorization_scopes = length(each.value.scopes) == 0 || each.value.public ? null : each.value.scopes
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: Encrypted with CloudWatch Logs' own key; a customer's is an input (kms_key_arn), ADR 0005.
  # checkov:skip=CKV_AWS_338: Retention is an input (log_retention_days); a year of access logs costs more than the API.
  name              = "/aws/vendedlogs/http-api/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags

  lifecycle {
    # Groups of other names each take room of the account's one resource policy, of 5,120 characters.
    # One that an earlier release made keeps its name, and what is in it.
    ignore_changes = [name]
  }
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = var.tags

  default_route_settings {
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
  }

  dynamic "route_settings" {
    for_each = { for key, route in var.routes : key => route.throttle if route.throttle != null }
    content {
      route_key              = aws_apigatewayv2_route.this[route_settings.key].route_key
      throttling_rate_limit  = route_settings.value.rate
      throttling_burst_limit = route_settings.value.burst
    }
  }

  dynamic "access_log_settings" {
    for_each = length(var.log_fields) == 0 ? [] : [aws_cloudwatch_log_group.access.arn]
    content {
      destination_arn = access_log_settings.value
      format          = "{${join(",", [for name in var.log_fields : "\"${name}\":${local.fields[name]}"])}}"
    }
  }
}

resource "aws_lambda_permission" "route" {
  for_each = var.routes

  statement_id = join("", [
    substr("${var.name}-${local.routes[each.key]}", 0, contains(local.ambiguous, each.key) ? 91 : 100),
    contains(local.ambiguous, each.key) ? "-${substr(sha256(each.key), 0, 8)}" : "",
  ])
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  function_name = each.value.function.name
  qualifier     = each.value.function.alias
  source_arn = join("/", [
    aws_apigatewayv2_api.this.execution_arn,
    "*",
    replace(split(" ", each.key)[0], "ANY", "*"),
    replace(trimprefix(split(" ", each.key)[1], "/"), "/\\{[^}]+\\}/", "*"),
  ])
}
