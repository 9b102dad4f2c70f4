# What is refused, before anything is made.

provider "aws" {
  region = "us-east-1"
}

variables {
  name   = "shop-vote"
  folder = "./tests/site"
}

run "an_api_that_is_no_origin" {
  command = plan
  variables {
    connects_to = ["https://votes.example.com; script-src *"]
  }
  expect_failures = [var.connects_to]
}

run "a_certificate_where_cloudfront_does_not_look" {
  command = plan
  variables {
    domain = {
      name            = "vote.example.com"
      certificate_arn = "arn:aws:acm:eu-west-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
    }
  }
  expect_failures = [var.domain]
}

run "a_config_that_is_no_json" {
  command = plan
  variables {
    config = "api=https://votes.example.com"
  }
  expect_failures = [var.config]
}
