# Behind a local: a plan does not say which API it is.
locals {
  an_api = aws_apigatewayv2_api.servers.id
}

resource "aws_apigatewayv2_api" "browsers" {
  name          = "browsers"
  protocol_type = "HTTP"

  cors_configuration {
    allow_origins = ["https://shop.example.com"]
  }
}

resource "aws_apigatewayv2_api" "servers" {
  name          = "servers"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_api" "anonymous" {
  name          = "anonymous"
  protocol_type = "HTTP"
  tags          = { anonymous = "true" }

  cors_configuration {
    allow_origins = ["*"]
  }
}

resource "aws_apigatewayv2_api" "almost" {
  name          = "almost"
  protocol_type = "HTTP"
  tags          = { anonymous = "false" }

  cors_configuration {
    allow_origins = ["*"]
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.browsers.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]
  jwt_configuration {
    issuer   = "https://login.example.com"
    audience = ["shop"]
  }
}

resource "aws_apigatewayv2_route" "passing" {
  api_id             = aws_apigatewayv2_api.browsers.id
  route_key          = "POST /orders"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.jwt.id
}

resource "aws_apigatewayv2_route" "passing_read" {
  api_id    = aws_apigatewayv2_api.browsers.id
  route_key = "GET /orders/{id}"
}

resource "aws_apigatewayv2_route" "passing_servers" {
  api_id    = aws_apigatewayv2_api.servers.id
  route_key = "POST /orders"
}

resource "aws_apigatewayv2_route" "passing_anonymous" {
  api_id    = aws_apigatewayv2_api.anonymous.id
  route_key = "POST /orders"
}

resource "aws_apigatewayv2_route" "failing" {
  api_id    = aws_apigatewayv2_api.browsers.id
  route_key = "POST /orders"
}

resource "aws_apigatewayv2_route" "failing_any" {
  api_id             = aws_apigatewayv2_api.browsers.id
  route_key          = "ANY /orders"
  authorization_type = "NONE"
}

resource "aws_apigatewayv2_route" "failing_default" {
  api_id    = aws_apigatewayv2_api.browsers.id
  route_key = "$default"
}

resource "aws_apigatewayv2_route" "failing_tag" {
  api_id    = aws_apigatewayv2_api.almost.id
  route_key = "DELETE /orders/{id}"
}

resource "aws_apigatewayv2_route" "unknown" {
  api_id    = local.an_api
  route_key = "POST /orders"
}
