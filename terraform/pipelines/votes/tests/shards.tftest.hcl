# Applied with a mocked provider: the number of shards holds for the life of the tables.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "000000000000" }
  }
}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
}

run "made_with_four" {
  assert {
    condition     = output.settings.shards == 4
    error_message = "The first apply decides."
  }
}

run "eight_are_refused" {
  command = plan
  variables {
    counting = { shards = 8 }
    sizing   = { write = { maximum_concurrency = 8 } }
  }
  expect_failures = [terraform_data.shards]
}

run "another_slot_is_not" {
  command = plan
  variables {
    counting = { shards = 4, slot_seconds = 30 }
  }
  assert {
    condition     = module.tick.visibility_seconds == 360 && output.settings.slot_seconds == 30
    error_message = "All but the shards may change."
  }
}
