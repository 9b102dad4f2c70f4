# What waits longer than it should is sent again: a queue keeps a pointer for 14 days, the ledger for as long as a
# batch is kept.

module "sweep" {
  source = "../../modules/function"

  name         = "${var.name}-sweep"
  description  = "Sends again what was not read or not delivered, and looks whether uploads were told of."
  package      = var.packages["receipts-sweep"]
  handler      = "receipts.sweep.handler"
  sizing       = var.sizing.sweep
  asynchronous = { retries = 0, age_seconds = 60 } # the next one looks anew
  allows = [
    module.intake.send, module.image.send, module.delivery.send, module.lane.send,
    module.delivery.measure, # a pointer that may still be on the queue is not lost
    module.uploads.list,
    module.ledger.read["get"], module.ledger.read["query"], module.ledger.index["waiting"]["query"],
    module.ledger.write["put"], module.ledger.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.sweep, local.pointing, {
    INTAKE_QUEUE_URL = module.intake.url
    IMAGE_QUEUE_URL  = module.image.url
    UPLOADS_BUCKET   = module.uploads.name
    LEDGER_TABLE     = module.ledger.name
  })
}

module "sweeping" {
  source = "../../modules/schedule"

  name                 = "${var.name}-sweep"
  expression           = var.sweep_minutes == 1 ? "rate(1 minute)" : "rate(${var.sweep_minutes} minutes)"
  function             = module.sweep
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}
