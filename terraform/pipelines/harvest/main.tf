data "aws_caller_identity" "current" {}

locals {
  tags           = { pipeline = "harvest" }
  function_names = ["start", "pace", "work", "store", "runs"]

  # Every function's own name in logs and metrics; the namespace keeps two pipelines of one account
  # apart. A metric costs three alarms: where only the essential is watched, only pace and start
  # write any, and the others none but how many messages failed.
  telemetry = {
    for function in local.function_names :
    function => merge(
      {
        POWERTOOLS_SERVICE_NAME      = "harvest-${function}"
        POWERTOOLS_METRICS_NAMESPACE = var.name
        POWERTOOLS_LOG_LEVEL         = var.keep.log_level
      },
      local.measured[function] ? {} : { POWERTOOLS_METRICS_DISABLED = "true" },
    )
  }
  measured = {
    for function in local.function_names :
    function => var.alarms.level == "all" || contains(["start", "pace"], function)
  }

  # Lambda takes a line without a level, which metrics are, for INFO: from WARN on it would drop them.
  logs = { retention_days = var.keep.log_days, level = var.keep.log_level == "DEBUG" ? "DEBUG" : "INFO" }

  ledger = {
    LEDGER_TABLE   = module.ledger.name
    ACCOUNTS_TABLE = module.accounts.name
    VENDOR         = jsonencode({ name = var.vendor.name, url = var.vendor.url, account = var.vendor.account })
  }
  pacing = {
    LIMITS = jsonencode({ for name in ["limits", "concurrency", "latency_ms", "adaptive"] : name => var.vendor[name] })
    PACE   = jsonencode(var.pace)
  }
}

# --- a run begins ----------------------------------------------------------------------------------------------------

module "start" {
  source = "../../modules/function"

  name         = "${var.name}-start"
  description  = "Starts a run, by its schedule or by hand, and wakes a silent pacer."
  package      = var.packages["harvest-start"]
  handler      = "harvest.start.handler"
  sizing       = var.sizing.start
  asynchronous = { retries = 2, age_seconds = 300 } # a run that is there is not started again
  allows = [
    module.ledger.read["get"],
    module.ledger.write["put"], module.ledger.write["update"], module.ledger.write["batch_write"],
    module.accounts.read["get"], module.accounts.write["update"],
    module.turn.send,
    local.secret.get, # whether a run that stopped for it may go on
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.start, local.ledger, local.pacing, {
    TURN_QUEUE_URL    = module.turn.url
    MOST_CALLS        = tostring(var.most_calls)
    VENDOR_SECRET_ARN = var.vendor.secret_arn
  })
}

module "run" {
  source   = "../../modules/schedule"
  for_each = var.schedules

  name                 = "${var.name}-${each.key}"
  expression           = each.value.expression
  timezone             = each.value.timezone
  enabled              = each.value.enabled
  function             = module.start
  input                = jsonencode({ name = each.key, since = each.value.since })
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# The last resort: a worker that misses the pacer wakes it, but when all are gone nobody does.
module "wake" {
  source = "../../modules/schedule"

  name                 = "${var.name}-wake"
  expression           = "rate(1 minute)"
  function             = module.start
  input                = jsonencode({ wake = true })
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags
}

# --- the pacer gives time slots, one turn after another --------------------------------------------------------------

module "turn" {
  source = "../../modules/queue"

  name        = "${var.name}-turn"
  fifo        = true
  consumer    = var.sizing.pace
  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

module "pace" {
  source = "../../modules/function"

  name        = "${var.name}-pace"
  description = "One turn of the pacer: folds what was committed, and lets parcels out with time slots."
  package     = var.packages["harvest-pace"]
  handler     = "harvest.pace.handler"
  sizing      = var.sizing.pace
  # A turn's last act is the message of the next one, so Lambda sees one chain without end. What ends it:
  # a run that is over sends none, and one that makes no progress in pace.idle_turns turns is ended.
  recursion = "allow"
  consumes = {
    turn = {
      queue               = module.turn
      batch_size          = 1
      maximum_concurrency = var.sizing.pace.maximum_concurrency
      backs_off           = false # whoever misses the pacer sends another message
    }
  }
  allows = [
    module.turn.send, module.parcel.send, module.store_queue.send, module.quarantine.put["tasks"],
    module.ledger.read["query"], module.ledger.read["batch_get"], module.ledger.read["get"],
    module.ledger.write["update"], module.ledger.write["batch_write"],
    module.accounts.read["get"], module.accounts.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.pace, local.ledger, local.pacing, {
    TURN_QUEUE_URL    = module.turn.url
    PARCEL_QUEUE_URL  = module.parcel.url
    STORE_QUEUE_URL   = module.store_queue.url
    QUARANTINE_BUCKET = module.quarantine.name
  })
}

# --- parcels of tasks are called at their slots ----------------------------------------------------------------------

module "parcel" {
  source = "../../modules/queue"

  name        = "${var.name}-parcel"
  consumer    = var.sizing.work
  retention   = { seconds = 86400 } # a message's slots are over in seconds; the ledger lets its parcel out again
  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

module "work" {
  source = "../../modules/function"

  name        = "${var.name}-work"
  description = "Calls the vendor for one parcel of tasks, each at its slot, stores the answers and commits."
  package     = var.packages["harvest-work"]
  handler     = "harvest.work.handler"
  sizing      = var.sizing.work
  recursion   = "allow" # a worker that misses the pacer wakes it: the loop, and its end, are the pacer's
  consumes = {
    parcel = {
      queue               = module.parcel
      batch_size          = 1
      maximum_concurrency = var.sizing.work.maximum_concurrency
      backs_off           = false # the pacer lets the parcel out again
    }
  }
  allows = [
    module.turn.send, module.results.put["parcels"], module.quarantine.put["tasks"], local.secret.get, local.secret.put,
    module.ledger.read["get"], module.ledger.read["batch_get"],
    module.ledger.write["put"], module.ledger.write["update"], module.ledger.write["batch_write"],
    module.accounts.read["get"], module.accounts.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.work, local.ledger, local.pacing, {
    TURN_QUEUE_URL    = module.turn.url
    PARCEL_QUEUE_URL  = module.parcel.url
    RESULTS_BUCKET    = module.results.name
    QUARANTINE_BUCKET = module.quarantine.name
    VENDOR_SECRET_ARN = var.vendor.secret_arn
  })
}

# --- a finished group is merged --------------------------------------------------------------------------------------

module "store_queue" {
  source = "../../modules/queue"

  name        = "${var.name}-store"
  consumer    = var.sizing.store
  retention   = { seconds = 14 * 86400 } # what is not merged yet is merged once its cause is mended
  kms_key_arn = var.kms_key_arn
  tags        = local.tags
}

module "store" {
  source = "../../modules/function"

  name        = "${var.name}-store"
  description = "Merges a finished group's answers into compressed lines, with a manifest."
  package     = var.packages["harvest-store"]
  handler     = "harvest.store.handler"
  sizing      = var.sizing.store
  consumes = {
    store = { queue = module.store_queue, batch_size = 1, maximum_concurrency = var.sizing.store.maximum_concurrency }
  }
  allows = [
    module.results.list, # what may not be there yet is read: S3 tells who may not list nothing of that
    module.results.get["parcels"], module.results.get["manifests"],
    module.results.get["runs"], module.results.get["shapes"],
    module.results.put["data"], module.results.put["manifests"],
    module.results.put["runs"], module.results.put["shapes"],
    module.ledger.read["get"], module.ledger.read["batch_get"], module.ledger.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.store, {
    LEDGER_TABLE    = module.ledger.name
    STORE_QUEUE_URL = module.store_queue.url
    RESULTS_BUCKET  = module.results.name
  })
}

# --- a run is looked at and steered ----------------------------------------------------------------------------------

module "runs" {
  source = "../../modules/function"

  name        = "${var.name}-runs"
  description = "Answers how far a run is; pauses, resumes and cancels it, and changes its rate."
  package     = var.packages["harvest-runs"]
  handler     = "harvest.runs.handler"
  sizing      = var.sizing.runs
  allows = [
    module.turn.send,
    module.ledger.read["get"], module.ledger.write["update"],
    module.accounts.read["get"], module.accounts.write["update"],
  ]
  logs                 = local.logs
  kms_key_arn          = var.kms_key_arn
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  environment = merge(local.telemetry.runs, local.ledger, local.pacing, {
    TURN_QUEUE_URL = module.turn.url
  })
}

module "api" {
  source = "../../modules/http-api"

  name = var.name
  routes = merge(
    {
      "POST /v1/runs"         = { function = module.start, throttle = var.api.throttle, scopes = local.scopes }
      "GET /v1/runs/{run_id}" = { function = module.runs, throttle = var.api.throttle, scopes = local.scopes }
    },
    {
      for what in ["pause", "resume", "cancel", "rate"] : "POST /v1/runs/{run_id}/${what}" => {
        function = module.runs, throttle = var.api.throttle, scopes = local.scopes
      }
    },
  )
  throttle           = var.api.throttle
  jwt                = var.api.jwt
  anonymous          = var.api.anonymous
  domain             = var.api.domain
  log_retention_days = var.keep.log_days
  log_fields         = var.api.log_fields
  kms_key_arn        = var.kms_key_arn
  tags               = local.tags
}
