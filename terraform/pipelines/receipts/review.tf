# What a person has to look at, and what stands in the database.

module "review" {
  source = "../../modules/function"

  name        = "${var.name}-review"
  description = "Tells what is not sure of a batch's receipts, and closes one with what a person says."
  package     = var.packages["receipts-review"]
  handler     = "receipts.review.handler"
  sizing      = var.sizing.review
  allows = [
    module.ledger.read["get"], module.ledger.read["query"], module.ledger.write["update"],
    module.documents.get["results"], module.documents.list, module.documents.put["results"],
    module.delivery.send, module.lane.send,
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.review, local.customers, local.pointing, {
    LEDGER_TABLE     = module.ledger.name
    DOCUMENTS_BUCKET = module.documents.name
  })
}

module "report" {
  source = "../../modules/function"

  name        = "${var.name}-report"
  description = "Holds what was sent of a batch beside what stands in the database, as a CSV file."
  package     = var.packages["receipts-report"]
  handler     = "receipts.report.handler"
  sizing      = var.sizing.report
  allows = [
    module.ledger.read["get"], module.ledger.read["query"], module.ledger.write["update"],
    module.documents.get["reports"], module.documents.list,
    module.delivery.send, module.lane.send,
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.report, local.customers, local.pointing, {
    LEDGER_TABLE     = module.ledger.name
    DOCUMENTS_BUCKET = module.documents.name
  })
}
