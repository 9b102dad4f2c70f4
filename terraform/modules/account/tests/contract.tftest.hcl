# Planned with the attached provider. What the policies come to is asked in tests/terraform/test_account_roles.py.

provider "aws" {
  region = "us-east-1"
}

variables {
  name   = "sluice-prod"
  budget = { dollars = 100, emails = ["costs@example.com"], at_percent = [50, 90] }
  github = {
    repository    = "your-org/sluice"
    repository_id = "123456789"
    plan = {
      environment            = "plan"
      workflows              = ["drift.yml", "promote.yml"]
      pull_request_workflows = ["pull-request.yml"]
    }
    apply = { environment = "prod", workflows = ["promote.yml", "rollback.yml"] }
  }
}

run "trusted_word_for_word" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.apply.assume_role_policy).Statement[0].Condition == { StringEquals = {
      "token.actions.githubusercontent.com:aud"           = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub"           = "repo:your-org/sluice:environment:prod"
      "token.actions.githubusercontent.com:repository_id" = "123456789"
      "token.actions.githubusercontent.com:ref"           = "refs/heads/main"
      "token.actions.githubusercontent.com:job_workflow_ref" = [
        "your-org/sluice/.github/workflows/promote.yml@refs/heads/main",
        "your-org/sluice/.github/workflows/rollback.yml@refs/heads/main",
      ]
    } }
    error_message = "The apply role trusts two workflows of main, in one environment of one repository."
  }
  assert {
    condition = (
      length(jsondecode(aws_iam_role.plan.assume_role_policy).Statement) == 2 &&
      length(jsondecode(aws_iam_role.apply.assume_role_policy).Statement) == 1
    )
    error_message = "Nobody else is trusted."
  }
  assert {
    condition = (
      aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" &&
      aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    )
    error_message = "One provider, for one audience."
  }
}

run "the_providers_of_others_are_taken" {
  command = plan

  variables {
    github = {
      repository     = "your-org/sluice"
      repository_id  = "456"
      subject_prefix = "repo:your-org@123/sluice@456"
      plan           = { environment = "plan", workflows = ["drift.yml"] }
      apply          = { environment = "prod", workflows = ["promote.yml"] }
      provider_arn   = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  assert {
    condition = (
      strcontains(aws_iam_role.apply.assume_role_policy, "\"repo:your-org@123/sluice@456:environment:prod\"") &&
      length(jsondecode(aws_iam_role.plan.assume_role_policy).Statement) == 1
    )
    error_message = "Subjects are as GitHub writes them, and where no pull request plans, none is trusted."
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account has one provider of an address; where there is one, none is made."
  }
}

run "the_state_is_kept" {
  command = plan

  assert {
    condition = (
      output.state_bucket == "sluice-prod-state-000000000000" &&
      output.artifact_bucket == "sluice-prod-artifacts-000000000000"
    )
    error_message = "Names are known before anything is made: backends and pipelines are written with them."
  }
  assert {
    condition     = terraform_data.state_stays.triggers_replace[0] == "sluice-prod-state-000000000000"
    error_message = "Whatever replaces the bucket replaces what may not be destroyed."
  }
}

run "everything_that_takes_tags_has_them" {
  command = plan

  variables {
    tags  = { owner = "platform" }
    trail = { on = true }
  }

  assert {
    condition = alltrue([
      for tags in concat(
        [aws_iam_policy.reads.tags, aws_iam_policy.apply_boundary.tags, aws_iam_policy.pipeline_boundary.tags],
        [aws_iam_role.plan.tags, aws_iam_role.apply.tags, aws_budgets_budget.month.tags],
        [aws_iam_openid_connect_provider.github[0].tags, aws_cloudtrail.objects[0].tags],
      ) :
      tags == tomap({ owner = "platform" })
    ])
    error_message = "Tags are everywhere."
  }
}

run "somebody_hears_the_alarms" {
  command = plan

  assert {
    condition     = output.alarm_topic == "arn:aws:sns:us-east-1:000000000000:sluice-prod-alarms"
    error_message = "Pipelines know the topic by its name."
  }
  assert {
    condition = [
      for n in aws_budgets_budget.month.notification :
      n.threshold if length(coalesce(n.subscriber_sns_topic_arns, [])) > 0
    ] == [100]
    error_message = "A spent budget is an alarm, a part of it is not."
  }
}

run "warnings_before_the_bill" {
  command = plan

  assert {
    condition = toset([
      for n in aws_budgets_budget.month.notification :
      "${n.notification_type} ${n.threshold}"]) == toset(["ACTUAL 50", "ACTUAL 90", "FORECASTED 100"
    ])
    error_message = "Each part of the budget is told, and the forecast."
  }
}
