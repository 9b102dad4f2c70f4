# An order intake: a burst is taken in by a queue, worked off at a pace, and nothing that fails, or
# that was accepted and never entered, goes without a word.

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

variable "boundary" {
  description = "ARN of a policy that bounds every role; null (default) where roles need none."
  type        = string
  default     = null
}

provider "aws" {
  region = "us-east-1"
}

locals {
  telemetry = { for function in ["take", "enter"] : function => {
    POWERTOOLS_SERVICE_NAME      = "orders-${function}"
    POWERTOOLS_METRICS_NAMESPACE = "orders"
  } }
}

module "orders" {
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/queue?ref=vX.Y.Z"
  name     = "orders"
  consumer = { timeout_seconds = 20, window_seconds = 2 } # visibility follows from it
}

module "book" {
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/table?ref=vX.Y.Z"
  name     = "orders-book"
  hash_key = { name = "order_id" }
}

module "keys" { # what chooses the witnesses: a row that the functions make for themselves
  source   = "git::https://github.com/your-org/sluice.git//terraform/modules/table?ref=vX.Y.Z"
  name     = "orders-keys"
  hash_key = { name = "name" }
}

module "take" {
  source               = "git::https://github.com/your-org/sluice.git//terraform/modules/function?ref=vX.Y.Z"
  name                 = "orders-take"
  package              = var.packages["orders-take"]
  handler              = "orders.take.handler"
  allows               = [module.orders.send, module.keys.read["get"], module.keys.write["put"]]
  permissions_boundary = var.boundary
  environment = merge(local.telemetry.take, module.conservation.environment, {
    ORDERS_QUEUE_URL = module.orders.url
  })
}

module "enter" {
  source               = "git::https://github.com/your-org/sluice.git//terraform/modules/function?ref=vX.Y.Z"
  name                 = "orders-enter"
  package              = var.packages["orders-enter"]
  handler              = "orders.enter.handler"
  sizing               = { timeout_seconds = 20 }
  consumes             = { orders = { queue = module.orders, batch_size = 500, maximum_concurrency = 10 } } # its pace
  allows               = [module.book.write["put"], module.keys.read["get"]]
  permissions_boundary = var.boundary
  environment = merge(local.telemetry.enter, module.conservation.environment, {
    ORDERS_QUEUE_URL = module.orders.url
    BOOK_TABLE       = module.book.name
  })
}

module "conservation" {
  source               = "git::https://github.com/your-org/sluice.git//terraform/modules/conservation?ref=vX.Y.Z"
  name                 = "orders-conservation"
  package              = var.packages["orders-conservation"]
  handler              = "orders.conservation.handler"
  accepted             = { take = module.take }
  settled              = { enter = module.enter }
  consumers            = { enter = module.enter }
  witnesses            = { items = "Orders", share = 1, keys_table = module.keys.name }
  check                = { latency_seconds = module.orders.visibility_seconds }
  permissions_boundary = var.boundary
}

module "api" {
  source = "git::https://github.com/your-org/sluice.git//terraform/modules/http-api?ref=vX.Y.Z"
  name   = "orders"
  routes = { "POST /orders" = { function = module.take } }
}

module "on_call" {
  source = "git::https://github.com/your-org/sluice.git//terraform/modules/topic?ref=vX.Y.Z"
  name   = "orders-on-call"
  emails = ["on-call@example.com"]
}

module "watch" {
  source    = "git::https://github.com/your-org/sluice.git//terraform/modules/observability?ref=vX.Y.Z"
  name      = "orders"
  functions = { take = module.take, enter = module.enter, conservation = module.conservation.function }
  queues    = { orders = { queue = module.orders, oldest_seconds = 120 } }
  tables    = { book = module.book }
  api       = module.api
  topic_arn = module.on_call.arn
  metrics = merge(module.conservation.metrics, {
    enter-failing = { # SQS's age does not see a message that fails
      namespace = "orders", name = "MessagesFailed", dimensions = { service = "orders-enter" }
      limit     = { above = 0, periods = 5, datapoints = 3, description = "Orders fail: see the log of orders-enter." }
    }
  })
}

output "orders" { # what make status, logs, redrive, conservation, smoke, soak and rollback read
  value = {
    api_url   = module.api.url
    queues    = { orders = module.orders }
    functions = { take = module.take, enter = module.enter, conservation = module.conservation.function }
    smoke     = { refuses_no_order = { method = "POST", path = "/orders", body = {}, status = 400 } }

    rollback_order = ["take", "enter"] # who writes goes first
  }
}
