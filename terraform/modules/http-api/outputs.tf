output "id" {
  description = "Id of the API, the ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = <<-EOT
    Address of the API without a trailing slash, the domain's where there is one; it is there once
    every route may invoke its function.
  EOT
  value       = local.url
  depends_on  = [aws_lambda_permission.route, aws_apigatewayv2_route.this, aws_apigatewayv2_api_mapping.this]
}

output "alias" {
  description = "What the domain's alias record must point to (name, zone_id); null where there is no domain."
  value = var.domain == null ? null : {
    name    = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].target_domain_name
    zone_id = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].hosted_zone_id
  }
}

output "log_group" {
  description = "Name of the access logs' group."
  value       = aws_cloudwatch_log_group.access.name
}

output "urls" {
  description = "By route: the address that its path is appended to, the same for all."
  value       = { for key in keys(var.routes) : key => local.url }
  depends_on  = [aws_lambda_permission.route, aws_apigatewayv2_route.this, aws_apigatewayv2_api_mapping.this]
}

output "watch" {
  description = "Metrics of requests and of 5xx answers, and others to show, for the observability module."
  value = { for key, name in { requests = "Count", errors = "5xx", shown = "4xx" } :
    key => [{ namespace = "AWS/ApiGateway", name = name, dimensions = { ApiId = aws_apigatewayv2_api.this.id } }]
  }
}

output "metrics" {
  description = "Further metrics with their limits, for the observability module: none."
  value       = {}
}

locals {
  url = var.domain == null ? trimsuffix(aws_apigatewayv2_stage.this.invoke_url, "/") : "https://${var.domain.name}"
}
