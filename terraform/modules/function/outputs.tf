output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias" {
  description = "Name of the alias that everything calls."
  value       = aws_lambda_alias.live.name
}

output "arn" {
  description = "ARN of the alias, known at plan time; what refers to it waits for the alias and the role's policy."
  value       = local.alias_arn
  depends_on  = [aws_lambda_alias.live, aws_iam_role_policy.this]
}

output "invoke_arn" {
  description = "ARN by which API Gateway invokes the alias."
  value       = aws_lambda_alias.live.invoke_arn
}

output "version" {
  description = "Version the alias points at."
  value       = aws_lambda_function.this.version
}

output "role" {
  description = "Name of the function's role."
  value       = aws_iam_role.this.name
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "mappings" {
  description = "UUID of the event source mapping of each queue in consumes."
  value       = { for key, mapping in aws_lambda_event_source_mapping.this : key => mapping.uuid }
}

output "timeout_seconds" {
  description = "Timeout of an invocation, in seconds."
  value       = var.sizing.timeout_seconds
}

output "read_logs" {
  description = "Statement for who may look for lines in the function's log group."
  value = {
    actions   = ["logs:FilterLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/aws/lambda/${var.name}:*"]
    key       = null
  }
}

output "read_mapping" {
  description = "Statement for who may see whether the mapping of each queue in consumes is on."
  value = { for key, mapping in aws_lambda_event_source_mapping.this : key => {
    actions   = ["lambda:GetEventSourceMapping"]
    resources = [mapping.arn]
    key       = null
  } }
}

output "asynchronous" {
  description = "How Lambda tries events again that nobody waits for; null where nothing invokes the function so."
  value       = var.asynchronous
}

output "invoke" {
  description = "Statement for who may invoke the alias, such as a schedule's role."
  value = {
    actions   = ["lambda:InvokeFunction"]
    resources = [local.alias_arn]
    key       = null
  }
}
