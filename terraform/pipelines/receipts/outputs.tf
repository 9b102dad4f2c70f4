locals {
  queues = {
    intake    = module.intake
    image     = module.image
    delivery  = module.delivery
    lane      = module.lane
    delivered = module.delivered
  }
  functions = {
    accept  = module.accept
    split   = module.split
    read    = module.read
    account = module.account
    sweep   = module.sweep
    deliver = module.deliver
    wake    = module.wake
    settle  = module.settle
    review  = module.review
    report  = module.report
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
  description = <<-EOT
    URL, ARN and name of each queue (intake, image, delivery, lane, delivered), and URL and name of
    its dead-letter queue.
  EOT
  value = { for key, queue in local.queues : key => {
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
  description = "UUID of the event source mapping of each consumer: split, read, deliver, settle."
  value = {
    split   = module.split.mappings["intake"]
    read    = module.read.mappings["image"]
    deliver = module.deliver.mappings["lane"]
    settle  = module.settle.mappings["delivered"]
  }
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
    oldest_seconds, delivery.
  EOT
  value = {
    limits         = var.limits
    hints          = var.reading.hints
    reader         = var.reading.reader
    upload_seconds = var.api.upload_seconds
    upload_days    = var.keep.upload_days
    sweep_minutes  = var.sweep_minutes
    oldest_seconds = var.alarms.oldest_seconds
    delivery = {
      lanes        = var.delivery.lanes
      slot_seconds = var.delivery.slot_seconds
      pace         = local.pace
      table        = var.delivery.table
      secret_arn   = coalesce(var.delivery.secret_arn, one(aws_secretsmanager_secret.database[*].arn))
    }
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

output "agent" {
  description = <<-EOT
    What an agent on the premises comes in by (role_arn, profile_arn, trust_anchor_arn; null where
    there is none), and its policy, as JSON.
  EOT
  value = {
    role_arn         = one(aws_iam_role.agent[*].arn)
    profile_arn      = one(aws_rolesanywhere_profile.agent[*].arn)
    trust_anchor_arn = try(var.delivery.agent.trust_anchor_arn, null)
    policy           = jsonencode(local.agent_policy)
  }
}
