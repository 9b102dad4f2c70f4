# With a mocked provider: what the pipeline refuses, before anything is made. Several at once, each
# of another variable, to be quick.

mock_provider "aws" {}

run "a_missing_package_a_token_in_the_open_a_run_called_wake_and_an_api_for_anybody" {
  command = plan
  variables {
    packages = {
      "harvest-start" = { path = "harvest-start.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
    }
    vendor = {
      name       = "monitor"
      url        = "http://api.example.com"
      account    = "main"
      secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:token"
      limits     = [{ calls = 1000, seconds = 60 }]
    }
    schedules = { wake = { expression = "rate(1 minute)" } }
    api       = {}
  }
  expect_failures = [var.packages, var.vendor, var.schedules, var.api]
}

run "the_token_itself_no_limit_that_paces_and_a_log_level_of_nobodys" {
  command = plan
  variables {
    vendor = {
      name       = "monitor"
      url        = "https://api.example.com"
      account    = "main"
      secret_arn = "s3cr3t"
      limits     = [{ calls = 50000, seconds = 86400, kind = "budget" }]
    }
    keep = { log_level = "TRACE" }
  }
  expect_failures = [var.vendor, var.keep]
}

run "anonymous_with_a_token_and_answers_gone_before_they_are_merged" {
  command = plan
  variables {
    api  = { anonymous = true, jwt = { issuer = "https://login.example.com", audience = ["harvest"] } }
    keep = { parcel_days = 7 }
  }
  expect_failures = [var.api, var.keep]
}

run "a_turn_that_lambda_ends_in_its_middle_and_an_alarm_before_the_pacer_is_woken" {
  command = plan
  variables {
    pace   = { turn_seconds = 80 }
    alarms = { silent_seconds = 60 }
  }
  expect_failures = [var.sizing, var.alarms]
}

# With "-quarantine-" and the account's number, a name of 40 makes a bucket's of 64.
run "a_name_too_long_for_the_bucket" {
  command = plan
  variables {
    name = "a2345678901234567890123456789012345678-x"
  }
  expect_failures = [var.name]
}
