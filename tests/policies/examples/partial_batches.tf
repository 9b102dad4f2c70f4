resource "aws_lambda_event_source_mapping" "this" {
  for_each = { passing = ["ReportBatchItemFailures"], failing = null }

  event_source_arn        = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name           = aws_lambda_alias.live.arn
  function_response_types = each.value
}
