locals {
  functions = {
    accept  = module.accept
    split   = module.split
    read    = module.read
    account = module.account
    sweep   = module.sweep
  }
}

output "api_url" {
  description = "Address of the API without a trailing slash: POST {api_url}/v1/batches."
  value       = module.api.url
}

output "api_alias" {
  description = "What the alias record of api.domain must point to (name, zone_id); null where there is no domain."
  value       = module.api.alias
}

output "queues" {
  description = "URL, ARN and name of each queue (intake, image), and URL and name of its dead-letter queue."
  value = { for key, queue in { intake = module.intake, image = module.image } : key => {
    url              = queue.url
    arn              = queue.arn
    name             = queue.name
    dead_letter_url  = queue.dead_letter.url
    dead_letter_name = queue.dead_letter.name
  } }
}

output "tables" {
  description = "Name of each table: ledger, usage."
  value       = { ledger = module.ledger.name, usage = module.usage.name }
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
  description = "UUID of the event source mapping of each consumer: split, read."
  value       = { split = module.split.mappings["intake"], read = module.read.mappings["image"] }
}

output "buckets" {
  description = "Name of each bucket of what came and what was read: uploads, documents."
  value       = { uploads = module.uploads.name, documents = module.documents.name }
}

output "quarantine_bucket" {
  description = "Name of the bucket that tells of refused files."
  value       = module.quarantine.name
}

output "settings" {
  description = <<-EOT
    What the pipeline was made for: limits, hints, reader, upload_seconds, upload_days, sweep_minutes,
    oldest_seconds.
  EOT
  value = {
    limits         = var.limits
    hints          = var.reading.hints
    reader         = var.reading.reader
    upload_seconds = var.api.upload_seconds
    upload_days    = var.keep.upload_days
    sweep_minutes  = var.sweep_minutes
    oldest_seconds = var.alarms.oldest_seconds
  }
}

output "quotas" {
  description = "What is asked of the account's quotas by name: pages a second that Textract may be asked to read."
  value       = { textract_analyze_expense = var.reading.pages_a_second }
}

output "alarms" {
  description = "Names of all alarms."
  value       = module.observability.alarms
}

output "dashboard" {
  description = "Name of the dashboard; null where only the essential is watched."
  value       = module.observability.dashboard
}
