# With a mocked provider: what the pipeline refuses, before anything is made. Several at once, each
# of another variable, to be quick.

mock_provider "aws" {}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
}

run "a_missing_package_an_aspect_twice_half_a_shard_and_a_scope_without_tokens" {
  command = plan
  variables {
    packages = {
      "votes-receive" = { path = "votes-receive.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
    }
    voting   = { aspects = ["story", "story"] }
    counting = { shards = 4.5 }
    api      = { trusted_scope = "votes/batch" }
    alarms   = { fold_lag_seconds = 100000 }
  }
  expect_failures = [var.packages, var.voting, var.counting, var.api, var.alarms]
}

run "a_scale_upside_down_a_slot_longer_than_deduplication_and_a_log_level_of_nobodys" {
  command = plan
  variables {
    voting   = { aspects = ["story"], scale = { lowest = 5, highest = 1 } }
    counting = { shards = 4, slot_seconds = 300 }
    keep     = { log_level = "TRACE" }
  }
  expect_failures = [var.voting, var.counting, var.keep]
}

run "a_package_from_nowhere_titles_neither_open_nor_listed_and_a_writer_that_holds_its_shard" {
  command = plan
  variables {
    packages = { for name, package in var.packages : name => { hash = package.hash } }
    voting   = { aspects = ["overall"], unlisted_titles = "drop" }
    sizing   = { write = { timeout_seconds = 16 } }
  }
  expect_failures = [var.packages, var.voting, var.sizing]
}

run "a_probe_older_than_its_limit_before_it_is_looked_at" {
  command = plan
  variables {
    alarms = { probe_age_seconds = 600 }
    checks = { probe_minutes = 5 } # 600 s and a slot
  }
  expect_failures = [var.checks]
}

run "every_seven_minutes" {
  command = plan
  variables {
    checks = { conservation_minutes = 7 }
  }
  expect_failures = [var.checks]
}

run "a_missing_ballot_that_one_round_alone_would_tell" {
  command = plan
  variables {
    checks = { conservation_minutes = 30, look_back_seconds = 3600 }
  }
  expect_failures = [var.checks]
}

run "more_writers_than_shards" {
  command = plan
  variables {
    sizing = { write = { maximum_concurrency = 5 } }
  }
  expect_failures = [var.sizing]
}

run "browsers_whose_votes_anybody_may_withdraw" {
  command = plan
  variables {
    api = { origins = ["https://vote.example.com"] }
  }
  expect_failures = [var.api]
}

run "anonymous_with_a_token" {
  command = plan
  variables {
    api = { anonymous = true, jwt = { issuer = "https://login.example.com", audience = ["votes"] } }
  }
  expect_failures = [var.api]
}

run "more_ballots_than_a_request_may_cost" {
  command = plan
  variables {
    api = { throttle = { rate = 1 }, most_ballots = { voter = 501 } }
  }
  expect_failures = [var.api]
}

run "a_page_on_which_anybody_votes_as_anybody" {
  command = plan
  variables {
    website = {
      domain = {
        name            = "vote.example.com"
        certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
      }
    }
  }
  expect_failures = [var.website]
}

run "a_page_beside_addresses_that_are_one_a_function" {
  command = plan
  variables {
    api = { anonymous = true, entrance = "function_url" }
    website = {
      domain = {
        name            = "vote.example.com"
        certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
      }
    }
  }
  expect_failures = [var.website]
}

run "a_page_by_https_beside_a_balancer_without" {
  command = plan
  variables {
    api = { anonymous = true, entrance = "alb" }
    alb = {
      network    = { vpc_id = "vpc-00000001", subnet_ids = ["subnet-00000001", "subnet-00000002"] }
      plain_http = true
    }
    website = {
      domain = {
        name            = "vote.example.com"
        certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
      }
    }
  }
  expect_failures = [var.website]
}

# With "-quarantine-" and the account's number, a name of 40 makes a bucket's of 64.
run "a_name_too_long_for_the_bucket" {
  command = plan
  variables {
    name = "a2345678901234567890123456789012345678-x"
  }
  expect_failures = [var.name]
}
