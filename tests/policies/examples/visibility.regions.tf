# Two queues of one name: a mapping is judged by the one of its own region.
resource "aws_sqs_queue" "here" {
  name                       = "jobs"
  visibility_timeout_seconds = 65
}

resource "aws_sqs_queue" "there" {
  region                     = "eu-west-1"
  name                       = "jobs"
  visibility_timeout_seconds = 5
}

resource "aws_lambda_event_source_mapping" "passing_here" {
  event_source_arn = "arn:aws:sqs:us-east-1:111111111111:jobs"
  function_name    = aws_lambda_alias.live.arn
}

# Its function is of that region too, so it is not the one of this plan; its timeout is a second at least.
resource "aws_lambda_event_source_mapping" "failing_there" {
  region           = "eu-west-1"
  event_source_arn = "arn:aws:sqs:eu-west-1:111111111111:jobs"
  function_name    = "arn:aws:lambda:eu-west-1:111111111111:function:consumer:live"
}
