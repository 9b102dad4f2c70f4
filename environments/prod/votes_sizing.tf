# The votes pipeline's sizing here. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  votes = {
    # For a step from 0 to 20,000 ballots a second (docs/votes/capacity.md): an epoch holds the 200,000 of a slot.
    counting = {
      shards        = 24
      slot_seconds  = 10
      epoch_changes = 200000
      witness_share = 1024
      packed_votes  = true # half the bytes; no way back to 0.1.0 (docs/how-to/upgrading.md)
    }

    sizing = {
      # memory: the least that takes the load above, by `make capacity CHOOSE=yes`; Lambda bills the
      # waiting too, and receive waits ten times as long as it computes
      receive = { memory_mb = 512 }
      process = { memory_mb = 512, batch_size = 10000, window_seconds = 2, maximum_concurrency = 50 }
      # more, when they catch up, ask more of the table than comes in
      write   = { memory_mb = 1024, maximum_concurrency = 16 }
      tally   = { memory_mb = 256 }
      results = { memory_mb = 256 }
    }

    # On demand, so that nobody has to foresee a burst; created warm for the peak above and for
    # catching up with it, because a new table bears 4,000 writes a second. Warming is paid once
    # (docs/votes/capacity.md), only rises and is ignored after creation: README of the table module
    # says how to raise it. The most is what the load above asks, several times over but of the
    # votes, so that no mistake and no flood costs more.
    capacity = {
      votes = {
        on_demand = {
          warm = { read_units = 40000, write_units = 40000 }
          most = { read_units = 40000, write_units = 40000 }
        }
      }
      journal   = { on_demand = { most = { read_units = 12000, write_units = 4000 } } }
      tallies   = { on_demand = { most = { read_units = 12000, write_units = 4000 } } }
      catalogue = { on_demand = { most = { read_units = 40000, write_units = 1000 } } }
    }

    # The peak at one ballot a request. Raise the account's quotas first: API Gateway to 25,000
    # requests a second, Lambda to 3,000 at once.
    api = {
      throttle         = { rate = 20000, burst = 20000 }
      results_throttle = { rate = 2000, burst = 4000 }
      most_ballots     = { voter = 2 }
      origins          = ["https://vote.example.com"]
    }

    alb = null # api.entrance is the HTTP API (docs/reference/entrances.md has which one when)

    website = null # no voting page on the internet (docs/how-to/voting-page.md says how to have one)

    # At INFO every request leaves a line: at one ballot a request that costs more than the
    # function. Witnesses and metrics are written at any level.
    # A title that nobody listed would be a row for ever, and anybody can think of one: `make
    # catalogue ENV=prod FILE=titles.csv` before the first vote.
    voting = { unlisted_titles = "quarantine" }

    keep = {
      quarantine_days = 90
      log_days        = 90
      log_level       = "WARN"
    }

    alarms = {
      oldest_seconds    = 120
      fold_lag_seconds  = 600
      probe_age_seconds = 180
      quarantined       = 5000
    }

    checks = {} # the pipeline's defaults: each minute
  }
}
