resource "aws_apigatewayv2_api" "a" {
  name          = "a"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins = ["https://x.example", "https://a.example"]
    allow_methods = local.two ? ["POST", "GET"] : ["POST"]
    max_age       = 300
  }
}

resource "aws_apigatewayv2_integration" "i" {
  api_id                 = aws_apigatewayv2_api.a.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = local.two ? 5000 : null
}

resource "aws_apigatewayv2_route" "r" {
  api_id    = aws_apigatewayv2_api.a.id
  route_key = "POST /v1/x"
  target    = "integrations/${aws_apigatewayv2_integration.i.id}"
}

resource "aws_apigatewayv2_route" "jwt" {
  api_id               = aws_apigatewayv2_api.a.id
  route_key            = "POST /v1/jwt"
  target               = "integrations/${aws_apigatewayv2_integration.i.id}"
  authorization_type   = "JWT"
  authorizer_id        = aws_apigatewayv2_authorizer.j.id
  authorization_scopes = ["votes"]
}

resource "aws_apigatewayv2_authorizer" "j" {
  api_id           = aws_apigatewayv2_api.a.id
  authorizer_type  = "JWT"
  name             = "j"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    audience = local.two ? ["me", "you"] : ["me"]
    issuer   = "https://issuer.example"
  }
}

resource "aws_apigatewayv2_stage" "s" {
  api_id      = aws_apigatewayv2_api.a.id
  name        = "$default"
  auto_deploy = true
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.f.arn
    format          = jsonencode({ requestId = "$context.requestId", status = "$context.status" })
  }
  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = 100
    throttling_rate_limit    = local.two ? 33.3 : 50
  }
  route_settings {
    route_key              = aws_apigatewayv2_route.r.route_key
    throttling_burst_limit = 10
    throttling_rate_limit  = 20
  }
}
