output "votes_api_url" {
  description = "Address of the votes API without a trailing slash: POST {votes_api_url}/v1/ballots."
  value       = module.votes.api_url
}

output "queues" {
  description = "URL, ARN and name of each queue (ingest, count, tick), and URL and name of its dead-letter queue."
  value       = module.votes.queues
}

output "tables" {
  description = "Name of each table: votes, journal, tallies, catalogue."
  value       = module.votes.tables
}

output "functions" {
  description = "Name, alias, alias's ARN, log group and role of each function: receive, process, write, tally, results, conservation, probe."
  value       = module.votes.functions
}

output "mappings" {
  description = "UUID of the event source mapping of each consumer: process, write, tally."
  value       = module.votes.mappings
}

output "quarantine_bucket" {
  description = "Name of the bucket that quarantined input goes to."
  value       = module.votes.quarantine_bucket
}

output "settings" {
  description = "What the pipeline was made for: aspects, scale, shards, slot_seconds, unlisted_titles, witness_share, latency_seconds, look_back_seconds."
  value       = module.votes.settings
}

output "alarms" {
  description = "Names of all alarms."
  value       = module.votes.alarms
}

output "dashboard" {
  description = "Name of the dashboard; null where only the essential is watched."
  value       = module.votes.dashboard
}

output "region" {
  description = "Region that this environment is in."
  value       = local.region
}

output "account_id" {
  description = "Account that this environment is in."
  value       = local.account_id
}
