output "url" {
  description = "Address of the site without a trailing slash: the domain's where there is one."
  value       = "https://${var.domain == null ? aws_cloudfront_distribution.this.domain_name : var.domain.name}"
}

output "alias" {
  description = "What the domain's alias record must point to (name, zone_id)."
  value = {
    name    = aws_cloudfront_distribution.this.domain_name
    zone_id = aws_cloudfront_distribution.this.hosted_zone_id
  }
}

output "content_security_policy" {
  description = "What browsers let the page load and talk to: its Content-Security-Policy."
  value       = local.content_security_policy
}

output "distribution_id" {
  description = "Id of the distribution, for an invalidation."
  value       = aws_cloudfront_distribution.this.id
}
