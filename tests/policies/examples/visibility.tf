resource "aws_sqs_queue" "this" {
  for_each = { passing = 65, failing = 64 }

  name                       = each.key
  visibility_timeout_seconds = each.value
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = aws_sqs_queue.this

  event_source_arn                   = each.value.arn
  function_name                      = aws_lambda_alias.live.arn
  maximum_batching_window_in_seconds = 5
}

resource "aws_lambda_event_source_mapping" "unknown" {
  event_source_arn = local.hidden
  function_name    = aws_lambda_alias.live.arn
}
