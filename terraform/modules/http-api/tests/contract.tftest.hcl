# Planned with the attached provider: routes, throttles and who may call.

provider "aws" {
  region = "us-east-1"
}

variables {
  name = "shop"
  routes = {
    "POST /orders" = {
      function = {
        name       = "orders-take"
        alias      = "live"
        invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/orders-take:live/invocations"
      }
      throttle = { rate = 10, burst = 20 }
    }
    "GET /orders/{id}" = {
      function = {
        name       = "orders-show"
        alias      = "live"
        invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/orders-show:live/invocations"
      }
      public = true
    }
  }
}

run "without_a_token" {
  command = plan

  assert {
    condition = (
      toset(values(aws_apigatewayv2_route.this)[*].authorization_type) == toset(["NONE"]) &&
      length(aws_apigatewayv2_authorizer.jwt) == 0
    )
    error_message = "Without jwt no route asks for a token."
  }
  assert {
    condition     = alltrue([for permission in values(aws_lambda_permission.route) : permission.qualifier == "live"])
    error_message = "The API may call the alias only."
  }
  assert {
    condition = (
      one(aws_apigatewayv2_stage.this.route_settings).throttling_rate_limit == 10 &&
      aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 1000
    )
    error_message = "A route has its own throttle, the others the default."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "No other site's page may call unless told so."
  }
  assert {
    condition = alltrue([
      for key in ["sourceIp", "authorizer.claims", "path"] :
      !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, key)
    ])
    error_message = "Access logs do not say who made a request."
  }
  assert {
    condition = alltrue([
      for end in [":$context.error.messageString}", "\"status\":\"$context.status\","] :
      strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, end)
    ])
    error_message = "A message that may hold quotes brings its own; the others have ours."
  }
  assert {
    condition     = startswith(aws_cloudwatch_log_group.access.name, "/aws/vendedlogs/")
    error_message = "Else each log group takes a part of the account's one resource policy, which has an end."
  }
}

run "with_a_token" {
  command = plan

  variables {
    jwt  = { issuer = "https://login.example.com", audience = ["shop"] }
    cors = { origins = ["https://shop.example.com"] }
  }

  assert {
    condition = (
      aws_apigatewayv2_route.this["POST /orders"].authorization_type == "JWT" &&
      aws_apigatewayv2_route.this["GET /orders/{id}"].authorization_type == "NONE"
    )
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
  assert {
    condition     = aws_apigatewayv2_api.this.cors_configuration[0].expose_headers == toset(["retry-after"])
    error_message = "The shop's page may read how long to wait."
  }
}

run "anonymous_is_written_on_the_api" {
  command = plan

  variables {
    anonymous = true
    cors      = { origins = ["https://shop.example.com"] }
    tags      = { team = "shop" }
  }

  assert {
    condition     = aws_apigatewayv2_api.this.tags == tomap({ team = "shop", anonymous = "true" })
    error_message = "Who looks at the API sees that it asks nobody."
  }
}

run "a_domain_of_ones_own" {
  command = plan

  variables {
    domain = {
      name            = "votes.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/1234"
      truststore      = { uri = "s3://trust/clients.pem", version = "7" }
    }
  }

  assert {
    condition = (
      aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2" &&
      aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].certificate_arn == var.domain.certificate_arn
    )
    error_message = "The domain speaks TLS 1.2 or newer with its certificate."
  }
  assert {
    condition = (
      one(aws_apigatewayv2_domain_name.this[0].mutual_tls_authentication).truststore_uri == "s3://trust/clients.pem" &&
      one(aws_apigatewayv2_domain_name.this[0].mutual_tls_authentication).truststore_version == "7"
    )
    error_message = "Clients show a certificate that the truststore knows."
  }
  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint && output.url == "https://votes.example.com"
    error_message = "The domain is the only way in."
  }
  assert {
    condition     = aws_apigatewayv2_api_mapping.this[0].stage == "$default"
    error_message = "The domain leads to the API."
  }
}

run "no_domain_unless_told" {
  command = plan

  assert {
    condition = (
      length(aws_apigatewayv2_domain_name.this) == 0 &&
      !aws_apigatewayv2_api.this.disable_execute_api_endpoint &&
      output.alias == null
    )
    error_message = "The API has its own address alone."
  }
}

run "fewer_words_of_each_request" {
  command = plan
  variables {
    log_fields = ["request_id", "status"]
  }
  assert {
    condition = (
      aws_apigatewayv2_stage.this.access_log_settings[0].format ==
      "{\"request_id\":\"$context.requestId\",\"status\":\"$context.status\"}"
    )
    error_message = "An access log costs by its length."
  }
}

run "no_access_log" {
  command = plan
  variables {
    log_fields = []
  }
  assert {
    condition     = length(aws_apigatewayv2_stage.this.access_log_settings) == 0
    error_message = "Or is not written."
  }
}

run "a_field_that_there_is_not" {
  command = plan
  variables {
    log_fields = ["request_id", "address"]
  }
  expect_failures = [var.log_fields]
}

run "routes_that_differ_in_a_dash" {
  command = plan
  variables {
    routes = {
      for key in ["GET /a-b", "GET /a/b", "GET /a"] : key => {
        function = { name = "show", alias = "live", invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/show:live" }
      }
    }
  }
  assert {
    condition = (
      length(toset(values(aws_lambda_permission.route)[*].statement_id)) == 3 &&
      aws_lambda_permission.route["GET /a"].statement_id == "shop-GET-a"
    )
    error_message = "Lambda takes one statement of an id; others keep the ids that they had."
  }
}
