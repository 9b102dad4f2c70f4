# Planned with the attached provider: routes, throttles and who may call.

provider "aws" {
  region = "us-east-1"
}

variables {
  name = "shop"
  routes = {
    "POST /orders" = {
      function = { name = "orders-take", alias = "live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:orders-take:live/invocations" }
      throttle = { rate = 10, burst = 20 }
    }
    "GET /orders/{id}" = {
      function = { name = "orders-show", alias = "live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:orders-show:live/invocations" }
      public   = true
    }
  }
}

run "without_a_token" {
  command = plan

  assert {
    condition     = toset(values(aws_apigatewayv2_route.this)[*].authorization_type) == toset(["NONE"]) && length(aws_apigatewayv2_authorizer.jwt) == 0
    error_message = "Without jwt no route asks for a token."
  }
  assert {
    condition     = alltrue([for permission in values(aws_lambda_permission.route) : permission.qualifier == "live"])
    error_message = "The API may call the alias only."
  }
  assert {
    condition     = one(aws_apigatewayv2_stage.this.route_settings).throttling_rate_limit == 10 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 1000
    error_message = "A route has its own throttle, the others the default."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "No other site's page may call unless told so."
  }
  assert {
    condition     = alltrue([for key in ["sourceIp", "authorizer.claims", "path"] : !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, key)])
    error_message = "Access logs do not say who made a request."
  }
}

run "with_a_token" {
  command = plan

  variables {
    jwt  = { issuer = "https://login.example.com", audience = ["shop"] }
    cors = { origins = ["https://shop.example.com"] }
  }

  assert {
    condition     = aws_apigatewayv2_route.this["POST /orders"].authorization_type == "JWT" && aws_apigatewayv2_route.this["GET /orders/{id}"].authorization_type == "NONE"
    error_message = "Every route that is not public asks for a token."
  }
  assert {
    condition     = aws_apigatewayv2_authorizer.jwt[0].jwt_configuration[0].issuer == "https://login.example.com"
    error_message = "The authoriser trusts the issuer."
  }
  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].allow_origins == toset(["https://shop.example.com"])
    error_message = "The shop's page may call."
  }
}
