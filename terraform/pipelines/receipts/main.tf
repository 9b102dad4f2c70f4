data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  tags = { pipeline = "receipts" }
  function_names = [
    "accept", "split", "read", "account", "sweep", "deliver", "wake", "settle", "review", "report",
  ]

  # Every function's own name in logs and metrics; the namespace keeps two pipelines of one account
  # apart. A metric costs three alarms: where only the essential is watched, only what watches over
  # the others writes any, and those none but how many messages failed.
  telemetry = {
    for function in local.function_names :
    function => merge(
      {
        POWERTOOLS_SERVICE_NAME      = "receipts-${function}"
        POWERTOOLS_METRICS_NAMESPACE = var.name
        POWERTOOLS_LOG_LEVEL         = var.keep.log_level
      },
      var.alarms.level == "all" || function == "sweep" ? {} : { POWERTOOLS_METRICS_DISABLED = "true" },
    )
  }

  # who the customer is
  customers = merge(
    { CUSTOMER_FROM = var.api.jwt == null ? "body" : "token" },
    var.api.trusted_scope == null ? {} : { TRUSTED_SCOPE = var.api.trusted_scope },
  )
  limits = { LIMITS = jsonencode(var.limits) }

  # Lambda takes a line without a level, which metrics are, for INFO: from WARN on it would drop them.
  logs = { retention_days = var.keep.log_days, level = var.keep.log_level == "DEBUG" ? "DEBUG" : "INFO" }
}

# --- a batch is opened, and its files come straight into the bucket --------------------------------------------------

module "accept" {
  source = "../../modules/function"

  name        = "${var.name}-accept"
  description = "Opens a batch, and signs the addresses that its files or its archive are uploaded to."
  package     = var.packages["receipts-accept"]
  handler     = "receipts.accept.handler"
  sizing      = var.sizing.accept
  allows = [
    module.uploads.put["in"], # what is uploaded by an address comes with the rights of who signed it
    module.ledger.read["get"], module.ledger.write["put"], module.ledger.write["update"], module.ledger.write["delete"],
    module.usage.read["get"], module.usage.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.accept, local.customers, local.limits, {
    UPLOADS_BUCKET = module.uploads.name
    LEDGER_TABLE   = module.ledger.name
    USAGE_TABLE    = module.usage.name
    UPLOAD_SECONDS = tostring(var.api.upload_seconds)
    KEEP_DAYS      = tostring(var.keep.batch_days)
  })
}

# --- what came is split: one object, one row and one message a picture -----------------------------------------------

module "intake" {
  source = "../../modules/queue"

  name         = "${var.name}-intake"
  consumer     = { timeout_seconds = var.sizing.split.timeout_seconds }
  senders      = { uploads = { principal = "s3.amazonaws.com", source = module.uploads.arn } }
  retention    = { seconds = 14 * 86400 } # SQS's longest: a backlog outlives a bad week
  max_receives = var.sizing.split.max_receives
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "split" {
  source = "../../modules/function"

  name        = "${var.name}-split"
  description = "Takes archives apart and files in: one object, one row and one message a picture."
  package     = var.packages["receipts-split"]
  handler     = "receipts.split.handler"
  sizing      = var.sizing.split
  # the parts of an archive come back to it; a part sends none: two hops, however large it is
  recursion = "allow"
  consumes = {
    intake = {
      queue               = module.intake
      batch_size          = var.sizing.split.batch_size
      maximum_concurrency = var.sizing.split.maximum_concurrency
    }
  }
  allows = [
    module.intake.send, module.image.send,
    module.uploads.get["in"], module.uploads.list, # who may not list is not told that an upload is gone
    module.documents.put["images"], module.quarantine.put["files"],
    module.ledger.read["get"], module.ledger.write["put"], module.ledger.write["update"],
    module.usage.read["get"], module.usage.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.split, local.limits, {
    INTAKE_QUEUE_URL  = module.intake.url
    IMAGE_QUEUE_URL   = module.image.url
    UPLOADS_BUCKET    = module.uploads.name
    DOCUMENTS_BUCKET  = module.documents.name
    QUARANTINE_BUCKET = module.quarantine.name
    LEDGER_TABLE      = module.ledger.name
    USAGE_TABLE       = module.usage.name
  })
}

# --- each picture is read --------------------------------------------------------------------------------------------

module "image" {
  source = "../../modules/queue"

  name         = "${var.name}-image"
  consumer     = { timeout_seconds = var.sizing.read.timeout_seconds }
  retention    = { seconds = 14 * 86400 }
  max_receives = var.sizing.read.max_receives # a busy reader counts receives and is no failure
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "read" {
  source = "../../modules/function"

  name        = "${var.name}-read"
  description = "Makes sure that a file is a picture, has it read, and keeps what was read of it."
  package     = var.packages["receipts-read"]
  handler     = "receipts.read.handler"
  sizing      = var.sizing.read
  consumes = {
    image = {
      queue               = module.image
      batch_size          = var.sizing.read.batch_size
      maximum_concurrency = var.sizing.read.maximum_concurrency
    }
  }
  allows = [
    # AWS knows no resource for it; it is handed the picture's bytes
    { actions = ["textract:AnalyzeExpense"], resources = ["*"] },
    module.uploads.get["in"], module.uploads.list, # as split
    module.documents.get["images"], module.documents.get["results"], module.documents.list,
    module.documents.put["results"], module.quarantine.put["files"],
    module.ledger.read["get"], module.ledger.write["update"],
    module.usage.read["get"], module.usage.write["put"], module.usage.write["update"],
    module.delivery.send, module.lane.send,
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(
    local.telemetry.read, local.limits, local.pointing,
    { for service, url in var.endpoints : "AWS_ENDPOINT_URL_${service}" => url },
    {
      IMAGE_QUEUE_URL   = module.image.url
      DOCUMENTS_BUCKET  = module.documents.name
      QUARANTINE_BUCKET = module.quarantine.name
      LEDGER_TABLE      = module.ledger.name
      USAGE_TABLE       = module.usage.name
      HINTS             = jsonencode(var.reading.hints)
      READER            = var.reading.reader
    },
  )
}

# --- every file is accounted for -------------------------------------------------------------------------------------

module "account" {
  source = "../../modules/function"

  name                 = "${var.name}-account"
  description          = "Answers what has become of every file of a batch."
  package              = var.packages["receipts-account"]
  handler              = "receipts.account.handler"
  sizing               = var.sizing.account
  allows               = [module.ledger.read["get"], module.ledger.read["query"]]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.account, local.customers, { LEDGER_TABLE = module.ledger.name })
}

module "api" {
  source = "../../modules/http-api"

  name = var.name
  routes = {
    "POST /v1/batches"           = { function = module.accept, throttle = var.api.throttle }
    "GET /v1/batches/{batch_id}" = { function = module.account, throttle = var.api.account_throttle }

    "GET /v1/batches/{batch_id}/review"            = { function = module.review, throttle = var.api.account_throttle }
    "POST /v1/batches/{batch_id}/review/{file_id}" = { function = module.review, throttle = var.api.throttle }
    "GET /v1/batches/{batch_id}/report.csv"        = { function = module.report, throttle = var.api.throttle }
  }
  throttle           = var.api.throttle
  cors               = length(var.api.origins) == 0 ? null : { origins = var.api.origins }
  jwt                = var.api.jwt
  anonymous          = var.api.anonymous
  domain             = var.api.domain
  log_retention_days = var.keep.log_days
  log_fields         = var.api.log_fields
  kms_key_arn        = var.kms_key_arn
  tags               = local.tags
}
