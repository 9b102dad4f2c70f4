# What was read goes into the database on the premises, which must not fall over. A lane is one group of a FIFO queue,
# so one invocation, so one connection: the cap is the number of lanes, and no mapping's maximum is.

locals {
  # Secrets Manager ends a secret's ARN in six characters of its own choosing. Whoever knows the name alone may do with
  # those what the secret's own ARN allows.
  database_secret_name = "${var.name}-database"
  database_secret_made = join(":", [
    "arn", data.aws_partition.current.partition, "secretsmanager", data.aws_region.current.region, local.account,
    "secret", "${local.database_secret_name}-??????",
  ])
  database_secret_given = try(
    length(regexall("-[A-Za-z0-9]{6}$", var.delivery.secret_arn)) > 0
    ? var.delivery.secret_arn : "${var.delivery.secret_arn}-??????",
    null,
  )
  database_secret = {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.delivery.secret_arn == null ? local.database_secret_made : local.database_secret_given]
    key       = null
  }

  # A tick is kept while the database is away, and tried each minute; what nobody took in ten timeouts is stale.
  lane_retention_seconds = 10 * var.sizing.deliver.timeout_seconds

  pace = {
    most_rows    = var.delivery.most_rows
    latency_ms   = var.delivery.latency_ms
    most_rest_ms = var.delivery.most_rest_ms
    # longer than a slot: the ticks of a lane's slot have gone into its own run
    linger_seconds = var.delivery.slot_seconds + 1
  }

  # who sends pointers of documents, and wakes the lanes
  pointing = {
    DELIVERY_QUEUE_URL = module.delivery.url
    LANE_QUEUE_URL     = module.lane.url
    LANES              = tostring(var.delivery.lanes)
    SLOT_SECONDS       = tostring(var.delivery.slot_seconds)
  }
}

# Made empty: a person puts the login, so that it is in no state.
resource "aws_secretsmanager_secret" "database" {
  # checkov:skip=CKV_AWS_149: Secrets Manager's own key is free; a customer's would be one more right of deliver's.
  # checkov:skip=CKV2_AWS_57: The database's password is changed where the database is, on the premises.
  count = var.delivery.secret_arn == null ? 1 : 0

  name                    = local.database_secret_name
  description             = "Who deliver is to the database: host, port, dbname, username, password, ca."
  recovery_window_in_days = var.keep.buckets_deletable ? 0 : 30
  tags                    = local.tags
}

# --- pointers of documents, which lanes ask for at their own pace ----------------------------------------------------

module "delivery" {
  source = "../../modules/queue"

  name         = "${var.name}-delivery"
  consumer     = { timeout_seconds = var.sizing.deliver.timeout_seconds }
  retention    = { seconds = 14 * 86400 }
  max_receives = var.sizing.deliver.max_receives # a lane that gives back counts receives, and nothing is wrong with it
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

# --- ticks: which lane is to run -------------------------------------------------------------------------------------

module "lane" {
  source = "../../modules/queue"

  name         = "${var.name}-lane"
  fifo         = true
  consumer     = { timeout_seconds = var.sizing.deliver.timeout_seconds }
  retention    = { seconds = local.lane_retention_seconds }
  max_receives = 20 + ceil(local.lane_retention_seconds / 60) # one a minute, and it expires before it is a dead letter
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "deliver" {
  source = "../../modules/function"

  name        = "${var.name}-deliver"
  description = "Runs a lane: connects, asks for pointers, writes one transaction after another at the database's pace."
  package     = var.packages["receipts-deliver"]
  handler     = "receipts.deliver.handler"
  sizing      = { memory_mb = var.sizing.deliver.memory_mb, timeout_seconds = var.sizing.deliver.timeout_seconds }
  vpc         = var.delivery.network
  # a run that ends with work left asks for the next one; what ends it: nothing more comes, or the database is away
  recursion = "allow"
  consumes = {
    # One tick a run. The least maximum that AWS takes is 2; with one lane there is one group, so one at a time anyway.
    lane = { queue = module.lane, batch_size = 1, maximum_concurrency = max(2, var.delivery.lanes) }
  }
  allows = [
    module.delivery.pull, module.delivered.send, module.lane.send,
    module.documents.get["results"], module.documents.list, # who may not list is not told that a document is gone
    local.database_secret,
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  # whoever looks at the function sees that its way is meant to be none of its own
  tags = merge(local.tags, var.delivery.network == null ? { database = "outside" } : {})

  environment = merge(local.telemetry.deliver, {
    DELIVERY_QUEUE_URL  = module.delivery.url
    DELIVERED_QUEUE_URL = module.delivered.url
    LANE_QUEUE_URL      = module.lane.url
    DOCUMENTS_BUCKET    = module.documents.name
    DATABASE_SECRET     = coalesce(var.delivery.secret_arn, one(aws_secretsmanager_secret.database[*].arn))
    DATABASE_TABLE      = var.delivery.table
    PACE                = jsonencode(local.pace)
  })
}

module "wake" {
  source = "../../modules/function"

  name                 = "${var.name}-wake"
  description          = "Sends each lane a tick, once a minute."
  package              = var.packages["receipts-wake"]
  handler              = "receipts.wake.handler"
  sizing               = var.sizing.wake
  asynchronous         = { retries = 0, age_seconds = 60 } # the next minute has its own
  allows               = [module.lane.send]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.wake, {
    LANE_QUEUE_URL = module.lane.url
    LANES          = tostring(var.delivery.lanes)
  })
}

module "waking" {
  source = "../../modules/schedule"

  name                 = "${var.name}-wake"
  expression           = "rate(1 minute)"
  function             = module.wake
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# --- what became of each document, and how each lane is --------------------------------------------------------------

module "delivered" {
  source = "../../modules/queue"

  name         = "${var.name}-delivered"
  consumer     = { timeout_seconds = var.sizing.settle.timeout_seconds }
  retention    = { seconds = 14 * 86400 }
  max_receives = var.sizing.settle.max_receives
  kms_key_arn  = var.kms_key_arn
  tags         = local.tags
}

module "settle" {
  source = "../../modules/function"

  name        = "${var.name}-settle"
  description = "Writes down what became of each document in the database, and how each lane is."
  package     = var.packages["receipts-settle"]
  handler     = "receipts.settle.handler"
  sizing      = { memory_mb = var.sizing.settle.memory_mb, timeout_seconds = var.sizing.settle.timeout_seconds }
  consumes = {
    delivered = {
      queue               = module.delivered
      batch_size          = var.sizing.settle.batch_size
      maximum_concurrency = var.sizing.settle.maximum_concurrency
    }
  }
  allows = [
    module.ledger.read["get"], module.ledger.write["put"], module.ledger.write["update"],
    module.documents.get["reports"], module.documents.list, module.documents.put["reports"],
    module.quarantine.put["files"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.settle, {
    DELIVERED_QUEUE_URL = module.delivered.url
    DOCUMENTS_BUCKET    = module.documents.name
    QUARANTINE_BUCKET   = module.quarantine.name
    LEDGER_TABLE        = module.ledger.name
  })
}
