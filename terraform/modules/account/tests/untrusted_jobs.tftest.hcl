# With a mocked provider: which jobs of a repository the module refuses to trust, before anything is made.

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

run "a_wildcard_of_environments_may_not_apply" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod-?", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_whole_repository_may_not_plan" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan          = { environment = "*", workflows = ["drift.yml"] }
      apply         = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_branch_may_not_apply" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "x:ref:refs/heads/main", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "who_plans_is_not_who_applies" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "plan", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "any_workflow_may_not_apply" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["*"] }
    }
  }
  expect_failures = [var.github]
}

run "no_workflow_applies" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = [] }
    }
  }
  expect_failures = [var.github]
}

run "no_workflow_plans" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan          = { environment = "plan", workflows = [] }
      apply         = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_workflow_of_another_place_may_not_apply" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["../promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "any_workflow_of_a_pull_request_may_not_plan" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan          = { environment = "plan", workflows = ["drift.yml"], pull_request_workflows = ["*.yml"] }
      apply         = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_pull_request_may_not_apply" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["promote.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}
