# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name    = "orders-conservation"
  package = { path = "orders-conservation.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  handler = "orders.conservation.handler"
  accepted = {
    take = { log_group = "take", read_logs = { actions = ["logs:FilterLogEvents"], resources = ["arn:a"] } }
  }
  settled = {
    enter = { log_group = "enter", read_logs = { actions = ["logs:FilterLogEvents"], resources = ["arn:b"] } }
  }
  witnesses = { keys_table = "orders-keys" }
  check     = { latency_seconds = 300 }
}

run "nothing_is_accepted" {
  command = plan
  variables { accepted = {} }
  expect_failures = [var.accepted]
}

run "nothing_is_settled" {
  command = plan
  variables { settled = {} }
  expect_failures = [var.settled]
}

run "a_share_of_none" {
  command = plan
  variables { witnesses = { share = 0, keys_table = "orders-keys" } }
  expect_failures = [var.witnesses]
}

run "seven_minutes" {
  command = plan
  variables { check = { minutes = 7, latency_seconds = 300 } }
  expect_failures = [var.check]
}

run "a_look_back_shorter_than_two_checks" {
  command = plan
  variables { check = { minutes = 30, latency_seconds = 300 } }
  expect_failures = [var.check]
}

run "a_name_too_long_for_the_schedules_role" {
  command = plan
  variables { name = "a-name-that-is-fifty-six-characters-long-which-is-one-too" }
  expect_failures = [var.name]
}
