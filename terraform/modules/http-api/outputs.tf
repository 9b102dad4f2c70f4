output "id" {
  description = "Id of the API, the ApiId of its metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "url" {
  description = "Address of the API without a trailing slash; it is there once every route may invoke its function."
  value       = trimsuffix(aws_apigatewayv2_stage.this.invoke_url, "/")
  depends_on  = [aws_lambda_permission.route, aws_apigatewayv2_route.this]
}

output "log_group" {
  description = "Name of the access logs' group."
  value       = aws_cloudwatch_log_group.access.name
}
