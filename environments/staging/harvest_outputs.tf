output "harvest_api_url" {
  description = "Address of the harvest API without a trailing slash: POST {harvest_api_url}/v1/runs."
  value       = module.harvest.api_url
}

output "harvest" {
  description = "What the harvest is made of: the outputs of terraform/pipelines/harvest, which describes them."
  value       = module.harvest
}
