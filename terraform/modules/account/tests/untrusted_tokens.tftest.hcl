# With a mocked provider: whose tokens the module refuses to trust, before anything is made.

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

run "a_whole_organisation" {
  command = plan
  variables {
    github = {
      repository    = "your-org/*"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_name_that_is_no_repository" {
  command = plan
  variables {
    github = {
      repository    = "sluice"
      repository_id = "123456789"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_repository_by_its_name_alone" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = ""
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "an_id_that_is_a_wildcard" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "*"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "subjects_of_another_repository" {
  command = plan
  variables {
    github = {
      repository     = "your-org/sluice"
      repository_id  = "123456789"
      subject_prefix = "repo:other-org@1/sluice@2"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "subjects_of_a_whole_organisation" {
  command = plan
  variables {
    github = {
      repository     = "your-org/sluice"
      repository_id  = "123456789"
      subject_prefix = "repo:your-org/*"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "every_branch" {
  command = plan
  variables {
    github = {
      repository    = "your-org/sluice"
      repository_id = "123456789"
      branch        = "*"
      plan = {
        environment            = "plan"
        workflows              = ["drift.yml"]
        pull_request_workflows = ["pull-request.yml"]
      }
      apply = { environment = "prod", workflows = ["promote.yml"] }
    }
  }
  expect_failures = [var.github]
}

run "a_missing_audience" {
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
      apply    = { environment = "prod", workflows = ["promote.yml"] }
      audience = ""
    }
  }
  expect_failures = [var.github]
}

run "any_audience" {
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
      apply    = { environment = "prod", workflows = ["promote.yml"] }
      audience = "*"
    }
  }
  expect_failures = [var.github]
}

run "somebody_elses_provider" {
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
      apply        = { environment = "prod", workflows = ["promote.yml"] }
      provider_arn = "arn:aws:iam::111111111111:oidc-provider/token.example.com"
    }
  }
  expect_failures = [var.github]
}
