# Planned with the attached provider. What the policies come to is asked in tests/terraform/test_account_roles.py.

provider "aws" {
  region = "us-east-1"
}

variables {
  name   = "sluice-prod"
  budget = { dollars = 100, emails = ["costs@example.com"], at_percent = [50, 90] }
  github = {
    plan_subjects = ["repo:your-org/sluice:pull_request", "repo:your-org/sluice:environment:plan"]
    apply_subject = "repo:your-org/sluice:environment:prod"
  }
}

run "trusted_word_for_word" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.apply.assume_role_policy).Statement[0].Condition == { StringEquals = {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = ["repo:your-org/sluice:environment:prod"]
    } }
    error_message = "The apply role trusts one environment of one repository."
  }
  assert {
    condition     = length(jsondecode(aws_iam_role.plan.assume_role_policy).Statement) == 1 && length(jsondecode(aws_iam_role.apply.assume_role_policy).Statement) == 1
    error_message = "Nobody else is trusted."
  }
  assert {
    condition     = aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "One provider, for one audience."
  }
}

run "the_providers_of_others_are_taken" {
  command = plan

  variables {
    github = {
      plan_subjects = ["repo:your-org@123/sluice@456:pull_request"]
      apply_subject = "repo:your-org@123/sluice@456:environment:prod"
      provider_arn  = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account has one provider of an address; where there is one, none is made."
  }
}

run "the_state_is_kept" {
  command = plan

  assert {
    condition     = output.state_bucket == "sluice-prod-state-000000000000" && output.artifact_bucket == "sluice-prod-artifacts-000000000000"
    error_message = "Names are known before anything is made: backends and pipelines are written with them."
  }
  assert {
    condition     = terraform_data.state_stays.triggers_replace[0] == "sluice-prod-state-000000000000"
    error_message = "Whatever replaces the bucket replaces what may not be destroyed."
  }
}

run "warnings_before_the_bill" {
  command = plan

  assert {
    condition     = toset([for n in aws_budgets_budget.month.notification : "${n.notification_type} ${n.threshold}"]) == toset(["ACTUAL 50", "ACTUAL 90", "FORECASTED 100"])
    error_message = "Each part of the budget is told, and the forecast."
  }
}
