resource "aws_lambda_event_source_mapping" "this" {
  for_each = { passing = [2], failing = [] }

  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_alias.live.arn

  dynamic "scaling_config" {
    for_each = each.value
    content {
      maximum_concurrency = scaling_config.value
    }
  }
}
