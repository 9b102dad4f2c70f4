locals {
  functions = {
    receive      = module.receive
    process      = module.process
    write        = module.write
    tally        = module.tally
    results      = module.results
    vote         = module.vote
    rank         = module.rank
    conservation = module.conservation.function
    probe        = module.probe
  }
  mappings = {
    process = module.process.mappings["ingest"]
    write   = module.write.mappings["count"]
    tally   = module.tally.mappings["tick"]
  }
}

output "api_url" {
  description = "Address of the API without a trailing slash: POST {api_url}/v1/ballots."
  value       = local.way_in.urls["POST /v1/ballots"]
}

output "api_urls" {
  description = "By route (\"POST /v1/ballots\"): the address that its path is appended to; only Function URLs differ."
  value       = local.way_in.urls
}

output "api_alias" {
  description = "What the alias record of api.domain must point to (name, zone_id); null where there is no domain."
  value       = local.way_in.alias
}

output "website" {
  description = <<-EOT
    Of the voting page: its address (url), what its domain's alias record must point to (alias: name,
    zone_id) and the distribution's id, for an invalidation; null where there is none.
  EOT
  value = one([for page in module.website : {
    url             = page.url
    alias           = page.alias
    distribution_id = page.distribution_id
  }])
}

output "queues" {
  description = "URL, ARN and name of each queue (ingest, count, tick), and URL and name of its dead-letter queue."
  value = { for key, queue in { ingest = module.ingest, count = module.count, tick = module.tick } : key => {
    url              = queue.url
    arn              = queue.arn
    name             = queue.name
    dead_letter_url  = queue.dead_letter.url
    dead_letter_name = queue.dead_letter.name
  } }
}

output "tables" {
  description = "Name of each table: votes, journal, tallies, catalogue, keys."
  value = {
    votes     = module.votes.name
    journal   = module.journal.name
    tallies   = module.tallies.name
    catalogue = module.catalogue.name
    keys      = module.keys.name
  }
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
  description = "UUID of the event source mapping of each consumer: process, write, tally."
  value       = local.mappings
}

output "buckets" {
  description = "Name of each bucket beside quarantine: rankings, for the lists of titles."
  value       = { rankings = module.rankings.name }
}

output "quarantine_bucket" {
  description = "Name of the bucket that quarantined input goes to."
  value       = module.quarantine.name
}

output "settings" {
  description = <<-EOT
    What the pipeline was made for: aspects, scale, who names the voter (voter_from, "body" or
    "token"), shards, slot_seconds, unlisted_titles, witness_share, latency_seconds,
    look_back_seconds, entrance.
  EOT
  value = {
    aspects           = var.voting.aspects
    scale             = var.voting.scale
    voter_from        = local.voter_from
    shards            = var.counting.shards
    slot_seconds      = var.counting.slot_seconds
    unlisted_titles   = var.voting.unlisted_titles
    witness_share     = var.counting.witness_share
    latency_seconds   = local.latency_seconds
    look_back_seconds = var.checks.look_back_seconds
    entrance          = var.api.entrance
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
