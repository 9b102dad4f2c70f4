# The votes pipeline's sizing here. Names and types are those of terraform/pipelines/votes, which checks them.
locals {
  votes = {
    counting = {
      shards        = 4
      slot_seconds  = 4
      epoch_changes = 20000
      witness_share = 1 # every ballot is a witness
      packed_votes  = true
    }

    sizing = {
      process = { batch_size = 1000, window_seconds = 1, maximum_concurrency = 4, max_receives = 5 }
      write   = { maximum_concurrency = 4, max_receives = 5 }
    }

    voting = { ranking_minutes = 1 } # who tries it looks at once

    keep = {
      deletion_protection    = false
      point_in_time_recovery = false
      quarantine_days        = 7
      quarantine_deletable   = true
      log_days               = 1
    }

    capacity = {} # the pipeline's defaults

    # The emulator throttles nothing; as many requests of so many ballots would be drained on AWS.
    api = {
      throttle     = { rate = 8, burst = 100 }
      most_ballots = { voter = 500 }
      anonymous    = local.jwt == null # nobody else is here
      origins      = ["*"]             # a page of this machine has any port; the votes are nobody's
    }

    # For `make up ENTRANCE=alb`: the emulator has neither networks nor certificates.
    alb = {
      network    = { vpc_id = "vpc-00000001", subnet_ids = ["subnet-00000001", "subnet-00000002"] }
      plain_http = true
    }

    website = null # `make live` serves the voting page here

    alarms = {} # the pipeline's defaults

    checks = { latency_seconds = 10, look_back_seconds = 600 }
  }
}
