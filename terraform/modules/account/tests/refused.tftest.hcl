# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name   = "sluice-prod"
  budget = { dollars = 100, emails = ["costs@example.com"] }
  github = {
    plan_subjects = ["repo:your-org/sluice:pull_request"]
    apply_subject = "repo:your-org/sluice:environment:prod"
  }
}

run "a_whole_repository_may_not_plan" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:*"], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "a_whole_repository_may_not_apply" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:*" }
  }
  expect_failures = [var.github]
}

run "a_whole_organisation_may_not_plan" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/*:pull_request"], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "not_even_a_wildcard_of_environments" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:environment:prod-?" }
  }
  expect_failures = [var.github]
}

run "a_branch_may_not_apply" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:ref:refs/heads/main" }
  }
  expect_failures = [var.github]
}

run "a_branch_may_not_plan" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:ref:refs/heads/main"], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "who_plans_is_not_who_applies" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:environment:prod"], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "one_repository_only" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:other-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "nobody_plans" {
  command = plan
  variables {
    github = { plan_subjects = [], apply_subject = "repo:your-org/sluice:environment:prod" }
  }
  expect_failures = [var.github]
}

run "a_missing_audience" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:environment:prod", audience = "" }
  }
  expect_failures = [var.github]
}

run "any_audience" {
  command = plan
  variables {
    github = { plan_subjects = ["repo:your-org/sluice:pull_request"], apply_subject = "repo:your-org/sluice:environment:prod", audience = "*" }
  }
  expect_failures = [var.github]
}

run "somebody_elses_provider" {
  command = plan
  variables {
    github = {
      plan_subjects = ["repo:your-org/sluice:pull_request"]
      apply_subject = "repo:your-org/sluice:environment:prod"
      provider_arn  = "arn:aws:iam::111111111111:oidc-provider/token.example.com"
    }
  }
  expect_failures = [var.github]
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

run "plans_that_stay" {
  command = plan
  variables {
    keep = { plan_days = 365 }
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
