resource "aws_lambda_event_source_mapping" "failing" {
  for_each = { first = 500, second = 501 }

  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_alias.live.arn

  scaling_config {
    maximum_concurrency = each.value
  }
}
