# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name   = "sluice-prod"
  budget = { dollars = 100, emails = ["costs@example.com"] }
  github = {
    repository    = "your-org/sluice"
    repository_id = "123456789"
    plan          = { environment = "plan", workflows = ["drift.yml"] }
    apply         = { environment = "prod", workflows = ["promote.yml"] }
  }
}

run "a_budget_that_tells_nobody" {
  command = plan
  variables {
    budget = { dollars = 100, emails = [] }
  }
  expect_failures = [var.budget]
}

run "a_budget_of_nothing" {
  command = plan
  variables {
    budget = { dollars = 0, emails = ["costs@example.com"] }
  }
  expect_failures = [var.budget]
}

run "more_warnings_than_aws_takes" {
  command = plan
  variables {
    budget = { dollars = 100, emails = ["costs@example.com"], at_percent = [20, 40, 60, 80, 100] }
  }
  expect_failures = [var.budget]
}

run "a_trail_that_is_gone_when_it_is_asked" {
  command = plan
  variables {
    trail = { on = true, keep_days = 7 }
  }
  expect_failures = [var.trail]
}

run "states_that_do_not_stay" {
  command = plan
  variables {
    keep = { old_state_days = 7 }
  }
  expect_failures = [var.keep]
}

run "a_name_that_buckets_cannot_have" {
  command = plan
  variables {
    name = "Sluice_prod"
  }
  expect_failures = [var.name]
}
