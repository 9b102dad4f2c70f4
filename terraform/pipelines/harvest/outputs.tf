locals {
  functions = {
    start = module.start
    pace  = module.pace
    work  = module.work
    store = module.store
    runs  = module.runs
  }
  mappings = {
    pace  = module.pace.mappings["turn"]
    work  = module.work.mappings["parcel"]
    store = module.store.mappings["store"]
  }
}

output "api_url" {
  description = "Address of the API without a trailing slash: POST {api_url}/v1/runs."
  value       = module.api.url
}

output "api_alias" {
  description = "What the alias record of api.domain must point to (name, zone_id); null where there is no domain."
  value       = module.api.alias
}

output "queues" {
  description = "URL, ARN and name of each queue (turn, parcel, store), and URL and name of its dead-letter queue."
  value = { for key, queue in { turn = module.turn, parcel = module.parcel, store = module.store_queue } : key => {
    url              = queue.url
    arn              = queue.arn
    name             = queue.name
    dead_letter_url  = queue.dead_letter.url
    dead_letter_name = queue.dead_letter.name
  } }
}

output "tables" {
  description = "Name of each table: ledger, accounts."
  value       = { ledger = module.ledger.name, accounts = module.accounts.name }
}

output "functions" {
  description = "Name, alias, alias's ARN, log group and role of each function."
  value = { for key, function in local.functions : key => {
    name      = function.name
    alias     = function.alias
    arn       = function.arn
    log_group = function.log_group
    role      = function.role
  } }
}

output "mappings" {
  description = "UUID of the event source mapping of each consumer: pace, work, store."
  value       = local.mappings
}

output "schedules" {
  description = "Name of each schedule, by the run's name, and of the minute that wakes a silent pacer (wake)."
  value       = merge({ for name, schedule in module.run : name => schedule.name }, { wake = module.wake.name })
}

output "buckets" {
  description = "Name of each bucket beside quarantine: results, for each parcel's answers and each group's, merged."
  value       = { results = module.results.name }
}

output "quarantine_bucket" {
  description = "Name of the bucket that tasks go to that can never succeed."
  value       = module.quarantine.name
}

output "settings" {
  description = <<-EOT
    What the pipeline was made for: vendor (name, url, account, secret_arn, limits …), pace,
    most_calls, and the days that a parcel's answers are kept (parcel_days).
  EOT
  value = {
    vendor      = var.vendor
    pace        = var.pace
    most_calls  = var.most_calls
    parcel_days = var.keep.parcel_days
  }
}

output "alarms" {
  description = "Names of all alarms."
  value       = module.observability.alarms
}

output "dashboard" {
  description = "Name of the dashboard; null where only the essential is watched."
  value       = module.observability.dashboard
}
