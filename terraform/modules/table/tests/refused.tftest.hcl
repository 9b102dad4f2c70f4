# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name     = "orders"
  hash_key = { name = "customer" }
}

run "two_capacities_at_once" {
  command = plan
  variables {
    capacity = { on_demand = {}, provisioned = { read = { least = 1, most = 2 }, write = { least = 1, most = 2 } } }
  }
  expect_failures = [var.capacity]
}

run "no_capacity" {
  command = plan
  variables { capacity = {} }
  expect_failures = [var.capacity]
}

run "most_below_least" {
  command = plan
  variables { capacity = { provisioned = { read = { least = 5, most = 2 }, write = { least = 1, most = 2 } } } }
  expect_failures = [var.capacity]
}

run "warmer_than_nothing_yet_below_what_every_table_bears" {
  command = plan
  variables { capacity = { on_demand = { warm = { read_units = 100, write_units = 100 } } } }
  expect_failures = [var.capacity]
}

run "a_key_type_that_is_none" {
  command = plan
  variables { hash_key = { name = "customer", type = "string" } }
  expect_failures = [var.hash_key]
}

run "both_keys_of_one_name" {
  command = plan
  variables { range_key = { name = "customer" } }
  expect_failures = [var.range_key]
}
