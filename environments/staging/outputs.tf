output "region" {
  description = "Region that this environment is in."
  value       = local.region
}

output "account_id" {
  description = "Account that this environment is in."
  value       = local.account_id
}
