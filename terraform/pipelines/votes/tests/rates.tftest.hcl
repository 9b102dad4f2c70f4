# Planned with the attached provider: what the API admits is drained, whatever is the limit of it.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
}

run "what_is_sized_for_it_passes" {
  command = plan
  variables {
    api = { throttle = { rate = 1000 }, most_ballots = { voter = 4 } }
  }

  assert {
    condition     = output.rates == { unit = "ballots", admitted = 4000, drained = 4069, limit = "capacity.votes" }
    error_message = "A new table's 4,000 writes a second are the limit, at 0.983 a ballot."
  }
  assert {
    condition     = module.ingest.retention_seconds == 14 * 86400
    error_message = "A backlog is kept for two weeks."
  }
}

run "five_hundred_ballots_a_request" {
  command = plan
  variables {
    api = { throttle = { rate = 1000 }, most_ballots = { voter = 500 } }
  }
  expect_failures = [output.rates]
}

run "five_hundred_ballots_a_trusted_request" {
  command = plan
  variables {
    api = {
      throttle      = { rate = 1000 }
      jwt           = { issuer = "https://login.example.com", audience = ["votes"] }
      trusted_scope = "votes/batch"
    }
  }
  expect_failures = [output.rates]
}

run "a_trusted_scope_that_nobody_has_counts_for_nothing" {
  command = plan
  variables {
    api = { throttle = { rate = 1000 }, jwt = { issuer = "https://login.example.com", audience = ["votes"] } }
  }
  assert {
    condition     = output.rates.admitted == 1000
    error_message = "Only what a token can have is reckoned with."
  }
}

run "one_batch_of_process_at_a_time" {
  command = plan
  variables {
    sizing   = { process = { maximum_concurrency = 2 } }
    capacity = { votes = { on_demand = { warm = { read_units = 40000, write_units = 40000 } } } }
    api      = { throttle = { rate = 3000 } }
  }
  expect_failures = [output.rates]
}

run "an_end_of_the_table_below_it" {
  command = plan
  variables {
    capacity = { votes = { on_demand = { most = { read_units = 900, write_units = 4000 } } } }
  }
  expect_failures = [output.rates]
}

run "a_provisioned_table_that_scales_to_less" {
  command = plan
  variables {
    capacity = { votes = { provisioned = { read = { least = 5, most = 2000 }, write = { least = 5, most = 900 } } } }
  }
  expect_failures = [output.rates]
}

run "reads_have_a_throttle_of_their_own" {
  command = plan
  variables {
    api = { throttle = { rate = 1000, burst = 50 }, results_throttle = { rate = 30, burst = 60 } }
  }
  assert {
    condition     = output.rates.admitted == 1000
    error_message = "What is read admits no ballot."
  }
}
