# The receipts pipeline's sizing here. Names and types are those of terraform/pipelines/receipts, which checks them.
locals {
  receipts = {
    # The peak of late January: 200,000 receipts at five a second take eleven hours, at twenty less
    # than three. Raise the account's quota first (`make preflight ENV=prod`).
    reading = { pages_a_second = 20 }

    # Four connections are what the database can spare; `make rehearse-peak` says how fast that is.
    delivery = { lanes = 4 }

    # Yours go here: the database's addresses, a range that nobody uses, and the gateway that leads there.
    network = {
      cidr     = "10.64.0.0/26"
      premises = { cidrs = ["10.20.30.40/32"] }
      way      = { vpn_gateway_id = "vgw-0123456789abcdef0" }
    }

    limits = {} # the pipeline's defaults

    # A page takes the reader some seconds: so many at once keep twenty a second busy.
    sizing = {
      accept  = { memory_mb = 1024 }
      split   = { maximum_concurrency = 50 }
      read    = { maximum_concurrency = 100 }
      account = { memory_mb = 1024 }
    }

    # The most is what the load above asks, several times over, so that no mistake and no flood costs
    # more.
    capacity = {
      ledger = { most = { read_units = 12000, write_units = 4000 } }
      usage  = { most = { read_units = 4000, write_units = 2000 } }
    }

    api = {
      throttle         = { rate = 50, burst = 100 }
      account_throttle = { rate = 200, burst = 400 }
      origins          = ["https://receipts.example.com"]
    }

    # At INFO every request leaves a line.
    keep = {
      upload_days     = 90
      quarantine_days = 90
      log_days        = 90
      log_level       = "WARN"
    }

    alarms = {} # the pipeline's defaults

    sweep_minutes = 5
  }
}
