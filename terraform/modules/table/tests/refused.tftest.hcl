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

run "a_most_that_takes_nothing" {
  command = plan
  variables { capacity = { on_demand = { most = { read_units = 100, write_units = 0 } } } }
  expect_failures = [var.capacity]
}

run "warmer_than_it_may_ever_be" {
  command = plan
  variables {
    capacity = {
      on_demand = {
        warm = { read_units = 16000, write_units = 10000 }
        most = { read_units = 16000, write_units = 5000 }
      }
    }
  }
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

run "one_attribute_of_two_types" {
  command = plan
  variables { indexes = { by-customer = { hash_key = { name = "customer", type = "N" } } } }
  expect_failures = [var.indexes]
}

run "a_key_type_that_is_none_in_an_index" {
  command = plan
  variables { indexes = { by-day = { hash_key = { name = "day", type = "date" } } } }
  expect_failures = [var.indexes]
}

run "an_index_that_each_apply_would_set_back" {
  command = plan
  variables {
    capacity = { provisioned = { read = { least = 1, most = 2 }, write = { least = 1, most = 2 } } }
    indexes  = { by-day = { hash_key = { name = "day" } } }
  }
  expect_failures = [var.indexes]
}

run "a_stream_of_something_else" {
  command = plan
  variables { stream = "ALL" }
  expect_failures = [var.stream]
}
