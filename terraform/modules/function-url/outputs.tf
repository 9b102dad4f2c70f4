output "id" {
  description = "Nothing: a URL has no id but its function's."
  value       = null
}

output "url" {
  description = "Address of the first route's function without a trailing slash; `urls` has each route's."
  value       = values(local.urls)[0]
  depends_on  = [aws_lambda_permission.url, aws_lambda_permission.invoke]
}

output "urls" {
  description = "By route: the address that its path is appended to, without a trailing slash."
  value       = local.urls
  depends_on  = [aws_lambda_permission.url, aws_lambda_permission.invoke]
}

output "alias" {
  description = "Null: a URL takes no domain."
  value       = null
}

output "log_group" {
  description = "Null: a URL writes no access log."
  value       = null
}

output "watch" {
  description = "Metrics of requests and of 5xx answers, and others to show, for the observability module."
  value = { for key, name in { requests = "UrlRequestCount", errors = "Url5xxCount", shown = "Url4xxCount" } :
    key => [
      for one in values(local.functions) : {
        namespace  = "AWS/Lambda"
        name       = name
        dimensions = { FunctionName = one.name, Resource = "${one.name}:${one.alias}" }
      }
    ]
  }
}

output "metrics" {
  description = "Further metrics with their limits, for the observability module: none."
  value       = {}
}

locals {
  urls = {
    for key, route in var.routes :
    key => trimsuffix(aws_lambda_function_url.this[route.function.name].function_url, "/")
  }
}
