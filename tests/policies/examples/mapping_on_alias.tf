resource "aws_lambda_event_source_mapping" "this" {
  for_each = {
    passing             = "arn:aws:lambda:us-east-1:111111111111:function:consumer:live"
    failing_unqualified = "consumer"
    failing_latest      = "consumer:$LATEST"
    failing_version     = "consumer:7"
  }

  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = each.value
}

resource "aws_lambda_event_source_mapping" "passing_reference" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_alias.live.arn
}

resource "aws_lambda_event_source_mapping" "failing_reference" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = aws_lambda_function.consumer.arn
}

resource "aws_lambda_event_source_mapping" "unknown" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = local.hidden
}
