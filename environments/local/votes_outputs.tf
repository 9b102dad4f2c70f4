output "votes_api_url" {
  description = "Address of the votes API without a trailing slash: POST {votes_api_url}/v1/ballots."
  value       = module.votes.api_url
}

output "votes" {
  description = "What the votes pipeline is made of: the outputs of terraform/pipelines/votes, which describes them."
  value       = module.votes
}
