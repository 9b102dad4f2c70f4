# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name = "orders-000000000000"
}

run "a_prefix_that_means_more_than_it_says" {
  command = plan
  variables {
    prefixes = { wrong = { prefix = "wrong" } }
  }
  expect_failures = [var.prefixes]
}

run "a_name_that_s3_refuses" {
  command = plan
  variables {
    name = "Orders_1"
  }
  expect_failures = [var.name]
}

run "objects_that_expire_at_once" {
  command = plan
  variables {
    prefixes = { wrong = { prefix = "wrong/", expire_after_days = 0 } }
  }
  expect_failures = [var.prefixes]
}
