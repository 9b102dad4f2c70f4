# The votes pipeline's sizing here. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  votes = {
    # Few ballots: few shards and long windows keep a journal entry shared by many.
    counting = {
      shards        = 4
      slot_seconds  = 15
      witness_share = 1
      packed_votes  = true
    }

    sizing = {
      receive = { memory_mb = 256 }
      process = { memory_mb = 512, batch_size = 1000, window_seconds = 5, maximum_concurrency = 2 }
      write   = { memory_mb = 512, maximum_concurrency = 4 }
      tally   = { memory_mb = 512 }
      results = { memory_mb = 256 }
    }

    api = {
      throttle         = { rate = 100, burst = 200 }
      results_throttle = { rate = 100, burst = 200 }
      most_ballots     = { voter = 10 }
      origins          = ["http://localhost:3000"]
      anonymous        = true # nobody's votes are real here: a page of yours needs no issuer
    }

    alb = null # api.entrance is the HTTP API (docs/reference/entrances.md has which one when)

    website = null # no voting page on the internet (docs/how-to/voting-page.md says how to have one)

    # It can be made again: nothing is protected, nothing kept for long.
    voting = {} # the pipeline's defaults: any title is taken

    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      quarantine_days        = 14
      quarantine_deletable   = true
      log_days               = 7
      log_level              = "DEBUG"
    }

    capacity = {} # the pipeline's defaults

    # Idle, alarms and metrics cost more than all else: what loses votes is watched, the rest `make
    # status` and `make logs` show.
    alarms = { level = "essential", probe_age_seconds = 900 }

    checks = { conservation_minutes = 5, probe_minutes = 5 } # a minute's ballot costs as much as in prod
  }
}
