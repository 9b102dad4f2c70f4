output "roles" {
  description = "ARN of the role that plans (plan) and of the one that applies (apply), for the workflows."
  value       = { plan = aws_iam_role.plan.arn, apply = aws_iam_role.apply.arn }
}

output "boundary" {
  description = "ARN of the policy that every role of a pipeline must carry as its permissions boundary."
  value       = aws_iam_policy.pipeline_boundary.arn
}

output "state_bucket" {
  description = "Name of the bucket that holds the account's Terraform states."
  value       = module.state.name
}

output "artifact_bucket" {
  description = "Name of the bucket that holds packages/<sha256>.zip and reviews/<tree>.json."
  value       = module.artifacts.name
}

output "trail_bucket" {
  description = "Name of the bucket that the trail writes to; null where there is none."
  value       = one(module.trail[*].name)
}

output "alarm_topic" {
  description = "ARN of the topic that the alarms of every pipeline in the account go to."
  value       = module.alarms.arn
}

output "calls" {
  description = <<-EOT
    What the roles may call, by group: why, the actions of both roles (reads), those of the apply
    role alone (applies), and on what.
  EOT
  value       = local.calls
}
