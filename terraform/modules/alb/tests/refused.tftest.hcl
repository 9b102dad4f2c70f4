# What a plan refuses.

provider "aws" {
  region = "us-east-1"
}

variables {
  name    = "shop"
  network = { vpc_id = "vpc-0123", subnet_ids = ["subnet-0123", "subnet-0456"] }
  domain = {
    name            = "shop.example.com"
    certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/1234"
  }
  routes = { "POST /orders" = { function = { name = "orders-take", alias = "live", arn = "arn" } } }
}

run "a_name_that_is_too_long" {
  command = plan
  variables {
    name = "a-shop-whose-name-is-longer-than-32"
  }
  expect_failures = [var.name]
}

run "a_route_of_its_own_wildcard" {
  command = plan
  variables {
    routes = { "POST /orders*" = { function = { name = "orders-take", alias = "live", arn = "arn" } } }
  }
  expect_failures = [var.routes]
}

run "one_subnet" {
  command = plan
  variables {
    network = { vpc_id = "vpc-0123", subnet_ids = ["subnet-0123"] }
  }
  expect_failures = [var.network]
}

run "from_nowhere" {
  command = plan
  variables {
    network = { vpc_id = "vpc-0123", subnet_ids = ["subnet-0123", "subnet-0456"], from = ["everywhere"] }
  }
  expect_failures = [var.network]
}

run "no_certificate" {
  command = plan
  variables {
    domain = null
  }
  expect_failures = [var.domain]
}

run "an_old_policy" {
  command = plan
  variables {
    tls_policy = "ELBSecurityPolicy-2016-08"
  }
  expect_failures = [var.tls_policy]
}

run "tokens_without_tls" {
  command = plan
  variables {
    domain     = null
    plain_http = true
    jwt        = { issuer = "https://login.example.com", audience = ["shop"] }
  }
  expect_failures = [var.jwt]
}

run "certificates_of_clients_without_tls" {
  command = plan
  variables {
    domain     = null
    plain_http = true
    mutual_tls = { bucket = "trust", key = "clients.pem" }
  }
  expect_failures = [var.mutual_tls]
}

run "an_issuer_without_https" {
  command = plan
  variables {
    jwt = { issuer = "http://login.example.com", audience = ["shop"] }
  }
  expect_failures = [var.jwt]
}

run "two_origins" {
  command = plan
  variables {
    anonymous = true
    cors      = { origins = ["https://a.example.com", "https://b.example.com"] }
  }
  expect_failures = [var.cors]
}

run "browsers_that_say_who_they_are" {
  command = plan
  variables {
    cors = { origins = ["https://a.example.com"] }
  }
  expect_failures = [var.cors]
}

run "anonymous_and_not" {
  command = plan
  variables {
    anonymous = true
    jwt       = { issuer = "https://login.example.com", audience = ["shop"] }
  }
  expect_failures = [var.anonymous]
}

run "a_window_that_waf_does_not_know" {
  command = plan
  variables {
    waf = { requests = 100, window_seconds = 30 }
  }
  expect_failures = [var.waf]
}
