# What a plan refuses.

provider "aws" {
  region = "us-east-1"
}

variables {
  name   = "shop"
  routes = { "POST /orders" = { function = { name = "orders-take", alias = "live" } } }
}

run "tokens_are_of_other_entrances" {
  command = plan
  variables {
    authorization = "JWT"
  }
  expect_failures = [var.authorization]
}

run "callers_without_signatures" {
  command = plan
  variables {
    callers = ["111111111111"]
  }
  expect_failures = [var.callers]
}

run "anybody_s_account" {
  command = plan
  variables {
    authorization = "AWS_IAM"
    callers       = ["*"]
  }
  expect_failures = [var.callers]
}

run "browsers_without_a_word" {
  command = plan
  variables {
    cors = { origins = ["*"] }
  }
  expect_failures = [var.cors]
}

run "an_origin_with_a_path" {
  command = plan
  variables {
    anonymous = true
    cors      = { origins = ["https://shop.example.com/"] }
  }
  expect_failures = [var.cors]
}

run "a_route_without_a_method" {
  command = plan
  variables {
    routes = { "/orders" = { function = { name = "orders-take", alias = "live" } } }
  }
  expect_failures = [var.routes]
}

run "a_name_with_blanks" {
  command = plan
  variables {
    name = "my shop"
  }
  expect_failures = [var.name]
}
