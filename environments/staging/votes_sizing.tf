# The votes pipeline's sizing here. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  votes = {
    counting = {
      shards        = 16
      slot_seconds  = 10
      witness_share = 64
      packed_votes  = true
    }

    sizing = {
      process = { batch_size = 5000, window_seconds = 3, maximum_concurrency = 10 }
      write   = { maximum_concurrency = 16 }
    }

    # Provisioned with autoscaling: the cheaper way for an even load, and the other way than prod's,
    # so that both are lived.
    capacity = {
      votes     = { provisioned = { read = { least = 20, most = 1000 }, write = { least = 20, most = 1000 } } }
      journal   = { provisioned = { read = { least = 10, most = 200 }, write = { least = 10, most = 200 } } }
      tallies   = { provisioned = { read = { least = 5, most = 200 }, write = { least = 5, most = 500 } } }
      catalogue = { provisioned = { read = { least = 5, most = 100 }, write = { least = 1, most = 10 } } }
    }

    api = {
      throttle         = { rate = 200, burst = 400 }
      results_throttle = { rate = 500, burst = 1000 }
      most_ballots     = { voter = 5 }
      origins          = ["https://staging.vote.example.com"]
    }

    alb = null # api.entrance is the HTTP API (docs/reference/entrances.md has which one when)

    website = null # no voting page on the internet (docs/how-to/voting-page.md says how to have one)

    voting = {} # the pipeline's defaults: any title is taken

    keep = {
      quarantine_days = 30
      log_days        = 14
    }

    alarms = {
      fold_lag_seconds = 900
    }

    checks = {} # the pipeline's defaults: each minute
  }
}
