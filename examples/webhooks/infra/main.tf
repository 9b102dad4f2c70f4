# Webhooks of a vendor: signed ones are taken in at any pace, each once, and handed on in order at
# the pace of the system behind.

variable "packages" {
  description = "The functions' zips by name; `make try SOURCE=…` gives them."
  nullable    = false
  type = map(object({
    path   = optional(string)
    bucket = optional(string)
    key    = optional(string)
    hash   = string
  }))
}

variable "target_url" {
  description = "Where webhooks are handed on to, by POST."
  type        = string
  nullable    = false
}

variable "a_second" {
  description = "Most webhooks a second that the system behind takes (default 2)."
  type        = number
  default     = 2
  nullable    = false
}

provider "aws" {
  region = "us-east-1"
}

locals {
  telemetry = { for function in ["receive", "hand-on"] : function => {
    POWERTOOLS_SERVICE_NAME      = "webhooks-${function}"
    POWERTOOLS_METRICS_NAMESPACE = "webhooks"
  } }
}

module "hooks" {
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/queue?ref=vX.Y.Z"
  name     = "webhooks"
  fifo     = true # a repeat within five minutes is dropped here, a later one by hand_on
  consumer = { timeout_seconds = 30 }
}

module "seen" {
  source        = "git::https://github.com/your-org/sluice.git//terraform/modules/table?ref=vX.Y.Z"
  name          = "webhooks-seen"
  hash_key      = { name = "webhook_id" }
  ttl_attribute = "expires"
}

module "keys" { # the witnesses' key, and the secret that the vendor signs with: the row "webhooks", put by a person
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/table?ref=vX.Y.Z"
  name     = "webhooks-keys"
  hash_key = { name = "name" }
}

module "receive" {
  source  = "git::https://github.com/your-org/sluice.git//terraform/modules/function?ref=vX.Y.Z"
  name    = "webhooks-receive"
  package = var.packages["webhooks-receive"]
  handler = "webhooks.receive.handler"
  allows  = [module.hooks.send, module.keys.read["get"], module.keys.write["put"]]
  environment = merge(local.telemetry["receive"], module.conservation.environment, {
    HOOKS_QUEUE_URL = module.hooks.url
  })
}

module "hand_on" {
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/function?ref=vX.Y.Z"
  name     = "webhooks-hand-on"
  package  = var.packages["webhooks-hand-on"]
  handler  = "webhooks.hand_on.handler"
  sizing   = { timeout_seconds = 30 }
  consumes = { hooks = { queue = module.hooks, batch_size = 10, maximum_concurrency = 2 } } # one group: one at a time
  allows   = [module.seen.read["get"], module.seen.write["put"], module.keys.read["get"]]
  environment = merge(local.telemetry["hand-on"], module.conservation.environment, {
    HOOKS_QUEUE_URL = module.hooks.url
    SEEN_TABLE      = module.seen.name
    TARGET_URL      = var.target_url
    A_SECOND        = tostring(var.a_second)
  })
}

module "conservation" {
  source    = "git::https://github.com/your-org/sluice.git//terraform/modules/conservation?ref=vX.Y.Z"
  name      = "webhooks-conservation"
  package   = var.packages["webhooks-conservation"]
  handler   = "webhooks.conservation.handler"
  accepted  = { receive = module.receive }
  settled   = { hand-on = module.hand_on }
  consumers = { hand-on = module.hand_on }
  witnesses = { items = "Webhooks", share = 1, keys_table = module.keys.name }
  check     = { latency_seconds = 3600 } # they wait for the system behind
}

module "api" {
  source = "git::https://github.com/your-org/sluice.git//terraform/modules/http-api?ref=vX.Y.Z"
  name   = "webhooks"
  routes = { "POST /webhooks" = { function = module.receive, throttle = { rate = 100, burst = 200 } } }
}

module "on_call" {
  source = "git::https://github.com/your-org/sluice.git//terraform/modules/topic?ref=vX.Y.Z"
  name   = "webhooks-on-call"
  emails = ["on-call@example.com"]
}

module "watch" {
  source    = "git::https://github.com/your-org/sluice.git//terraform/modules/observability?ref=vX.Y.Z"
  name      = "webhooks"
  functions = { receive = module.receive, hand-on = module.hand_on, conservation = module.conservation.function }
  queues    = { hooks = { queue = module.hooks, oldest_seconds = 900 } }
  tables    = { seen = module.seen }
  api       = module.api
  topic_arn = module.on_call.arn
  metrics = merge(module.conservation.metrics, {
    hand-on-failing = {
      namespace = "webhooks", name = "MessagesFailed", dimensions = { service = "webhooks-hand-on" }
      limit     = { above = 0, periods = 5, datapoints = 3, description = "The system behind takes no webhooks." }
    }
  })
}

output "webhooks" { # what make status, logs, redrive, conservation, smoke, soak and rollback read
  value = {
    api_url   = module.api.url
    queues    = { hooks = module.hooks }
    functions = { receive = module.receive, hand-on = module.hand_on, conservation = module.conservation.function }
    smoke     = { refuses_unsigned = { method = "POST", path = "/webhooks", body = {}, status = 401 } }

    rollback_order = ["receive", "hand-on"] # who writes goes first
  }
}
