# With a mocked provider: the bound follows from window and spread, and what contradicts itself is
# refused.

mock_provider "aws" {}

run "a_minute_bears_the_spread" {
  command = plan

  assert {
    condition     = output.bound.spread_ms == 170 && format("%.4f", output.bound.share) == "0.9972"
    error_message = "T / (T + J) of 60 s and 2 x 10 + 50 + 100 ms."
  }
  assert {
    condition     = format("%.3f", output.rates.admitted) == "16.620" && output.rates.drained > output.rates.admitted
    error_message = "1,000 calls in 60.17 s, which ten workers carry."
  }
}

run "the_slowest_of_several_limits_is_the_bound" {
  command = plan
  variables {
    vendor = {
      name       = "monitor"
      url        = "https://api.example.com"
      account    = "main"
      secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-test-harvest-token-AbC123"
      limits = [
        { calls = 20, seconds = 1 }, { calls = 900, seconds = 60 }, { calls = 50000, seconds = 86400, kind = "budget" },
      ]
    }
  }

  assert {
    condition     = output.bound.limit == "900 in 60 s" && output.bound.permitted == 15
    error_message = "A day's budget paces nothing, and 20 a second are more than 900 a minute."
  }
}

run "a_seconds_window_does_not_bear_it" {
  command = plan
  variables {
    vendor = {
      name       = "monitor"
      url        = "https://api.example.com"
      account    = "main"
      secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-test-harvest-token"
      limits     = [{ calls = 50, seconds = 1 }]
    }
    sizing = { work = { maximum_concurrency = 50 } }
  }
  expect_failures = [output.bound]
}

run "too_few_workers_for_the_rate" {
  command = plan
  variables {
    sizing = { work = { maximum_concurrency = 2 } }
  }
  expect_failures = [output.rates]
}

run "a_worker_that_ends_before_its_parcel" {
  command = plan
  variables {
    sizing = { work = { timeout_seconds = 15 } }
  }
  expect_failures = [output.rates]
}
