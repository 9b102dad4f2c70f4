# Planned with the attached provider: who may call, and how.

provider "aws" {
  region = "us-east-1"
}

variables {
  name = "shop"
  routes = {
    "POST /orders"     = { function = { name = "orders-take", alias = "live" } }
    "GET /orders/{id}" = { function = { name = "orders-show", alias = "live" } }
    "GET /orders"      = { function = { name = "orders-show", alias = "live" } }
  }
}

run "anybody_by_the_url_alone" {
  command = plan

  assert {
    condition     = length(aws_lambda_function_url.this) == 2
    error_message = "A function has one URL."
  }
  assert {
    condition = alltrue([
      for one in values(aws_lambda_permission.invoke) :
      one.action == "lambda:InvokeFunction" && one.invoked_via_function_url && one.principal == "*"
    ])
    error_message = "Who calls the URL may invoke by it, and in no other way."
  }
  assert {
    condition = alltrue([
      for one in values(aws_lambda_permission.url) :
      one.action == "lambda:InvokeFunctionUrl" && one.function_url_auth_type == "NONE" && one.qualifier == "live"
    ])
    error_message = "The URL calls the alias, and asks nobody."
  }
  assert {
    condition     = length(aws_lambda_function_url.this["orders-take"].cors) == 0
    error_message = "No other site's page may call unless told so."
  }
}

run "signed_requests" {
  command = plan

  variables {
    authorization = "AWS_IAM"
    callers       = ["111111111111"]
  }

  assert {
    condition = (
      toset(values(aws_lambda_permission.url)[*].principal) == toset(["111111111111"]) &&
      toset(values(aws_lambda_permission.url)[*].function_url_auth_type) == toset(["AWS_IAM"])
    )
    error_message = "That account may, and nobody else."
  }
}

run "signed_requests_of_this_account" {
  command = plan

  variables {
    authorization = "AWS_IAM"
  }

  assert {
    condition     = length(aws_lambda_permission.url) == 0 && length(aws_lambda_permission.invoke) == 0
    error_message = "Its own policies say who of this account may."
  }
}

run "browsers" {
  command = plan

  variables {
    anonymous = true
    cors      = { origins = ["https://shop.example.com"] }
  }

  assert {
    condition = (
      aws_lambda_function_url.this["orders-take"].cors[0].allow_origins == toset(["https://shop.example.com"])
    )
    error_message = "The shop's page may call."
  }
}
