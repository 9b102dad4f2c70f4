# The receipts pipeline's sizing here. Names and types are those of terraform/pipelines/receipts, which checks them.
locals {
  receipts = {
    reading = {} # the pipeline's defaults

    delivery = { lanes = 2 }

    # Yours go here: the database's addresses, a range that nobody uses, and the gateway that leads there.
    network = {
      cidr     = "10.64.0.64/26"
      premises = { cidrs = ["10.20.30.41/32"] }
      way      = { vpn_gateway_id = "vgw-0123456789abcdef0" }
    }

    limits = { batches = 100, files = 2000, bytes = 8000000000, pixels = 24000000000 }

    sizing = {} # the pipeline's defaults: the quota of a new account, kept busy

    capacity = {} # the pipeline's defaults

    api = { origins = ["https://receipts.staging.example.com"] }

    keep = {
      quarantine_days = 30
      log_days        = 30
    }

    alarms = {} # the pipeline's defaults

    sweep_minutes = 5
  }
}
