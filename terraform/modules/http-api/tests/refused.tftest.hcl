# With a mocked provider: what the module refuses, before anything is made, and what a permission covers.

mock_provider "aws" {
  mock_resource "aws_apigatewayv2_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:000000000000:abc" }
  }
}

variables {
  name   = "shop"
  routes = { "GET /orders/{id}/lines" = { function = { name = "orders-show", alias = "live", invoke_arn = "arn" } } }
}

run "a_permission_is_for_one_route" {
  assert {
    condition = (
      aws_lambda_permission.route["GET /orders/{id}/lines"].source_arn
      == "arn:aws:execute-api:us-east-1:000000000000:abc/*/GET/orders/*/lines"
    )
    error_message = "The API may call the function for this method and path only."
  }
}

run "a_route_without_a_method" {
  command = plan
  variables {
    routes = { "/orders" = { function = { name = "orders-show", alias = "live", invoke_arn = "arn" } } }
  }
  expect_failures = [var.routes]
}

run "scopes_without_an_authoriser" {
  command = plan
  variables {
    routes = {
      "GET /orders" = { function = { name = "orders-show", alias = "live", invoke_arn = "arn" }, scopes = ["read"] }
    }
  }
  expect_failures = [var.routes]
}

run "a_throttle_that_refuses_everything" {
  command = plan
  variables {
    throttle = { rate = 0 }
  }
  expect_failures = [var.throttle]
}

run "an_issuer_without_https" {
  command = plan
  variables {
    jwt = { issuer = "http://login.example.com", audience = ["shop"] }
  }
  expect_failures = [var.jwt]
}

run "browsers_that_say_who_they_are" {
  command = plan
  variables {
    cors = { origins = ["https://shop.example.com"] }
  }
  expect_failures = [var.cors]
}

run "anonymous_with_a_token" {
  command = plan
  variables {
    anonymous = true
    jwt       = { issuer = "https://login.example.com", audience = ["shop"] }
  }
  expect_failures = [var.anonymous]
}

run "a_way_round_the_certificates" {
  command = plan
  variables {
    domain = {
      name            = "shop.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/1234"
      truststore      = { uri = "s3://trust/clients.pem" }

      disable_default_endpoint = false
    }
  }
  expect_failures = [var.domain]
}

run "a_certificate_that_is_none" {
  command = plan
  variables {
    domain = { name = "shop.example.com", certificate_arn = "shop.example.com" }
  }
  expect_failures = [var.domain]
}

run "a_route_that_refuses_everything" {
  command = plan
  variables {
    routes = {
      "GET /orders" = {
        function = { name = "orders-show", alias = "live", invoke_arn = "arn" }
        throttle = { rate = 10, burst = 0 }
      }
    }
  }
  expect_failures = [var.routes]
}

run "an_origin_with_a_path" {
  command = plan
  variables {
    anonymous = true
    cors      = { origins = ["https://shop.example.com/cart"] }
  }
  expect_failures = [var.cors]
}
