output "roles" {
  description = "ARN of the role that plans (plan) and of the one that applies (apply): the workflows' settings."
  value       = module.account.roles
}

output "boundary" {
  description = "ARN of the policy that every role of a pipeline carries as its permissions boundary."
  value       = module.account.boundary
}

output "state_bucket" {
  description = "Name of the bucket that holds the account's Terraform states."
  value       = module.account.state_bucket
}

output "artifact_bucket" {
  description = "Name of the bucket that zips and reviews go through."
  value       = module.account.artifact_bucket
}

output "trail_bucket" {
  description = "Name of the bucket that the trail writes to; null where there is none."
  value       = module.account.trail_bucket
}

output "alarm_topic" {
  description = "ARN of the topic that the alarms of every pipeline in the account go to."
  value       = module.account.alarm_topic
}

output "account_id" {
  description = "Account that this is."
  value       = local.account_id
}
