output "receipts_api_url" {
  description = "Address of the receipts API without a trailing slash: POST {receipts_api_url}/v1/batches."
  value       = module.receipts.api_url
}

output "receipts" {
  description = "What the receipts pipeline is made of: the outputs of terraform/pipelines/receipts, described there."
  value       = module.receipts
}
