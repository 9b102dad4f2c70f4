resource "aws_lambda_function" "this" {
  for_each = { passing = -1, passing_enough = 5, failing = 4 }

  function_name                  = each.key
  role                           = "arn:aws:iam::111111111111:role/consumer"
  handler                        = "consumer.handler"
  runtime                        = "python3.13"
  filename                       = "consumer.zip"
  reserved_concurrent_executions = each.value
}

resource "aws_lambda_event_source_mapping" "this" {
  for_each = aws_lambda_function.this

  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:work"
  function_name    = each.value.arn

  scaling_config {
    maximum_concurrency = 5
  }
}
