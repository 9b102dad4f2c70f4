resource "aws_sqs_queue" "dead" {
  name                      = "q-dlq.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "q" {
  name                       = "q.fifo"
  fifo_queue                 = true
  deduplication_scope        = "messageGroup"
  fifo_throughput_limit      = "perMessageGroupId"
  visibility_timeout_seconds = local.two ? 60 : 45
  delay_seconds              = 6
  sqs_managed_sse_enabled    = true
  tags                       = local.two ? { a = "c" } : { a = "b" }
}

resource "aws_sqs_queue" "plain" {
  name_prefix    = "plain-"
  redrive_policy = jsonencode({ maxReceiveCount = 5, deadLetterTargetArn = aws_sqs_queue.plain_dead.arn })
}

resource "aws_sqs_queue" "plain_dead" { name = "plain-dead" }

resource "aws_sqs_queue_redrive_policy" "q" {
  queue_url      = aws_sqs_queue.q.id
  redrive_policy = jsonencode({ maxReceiveCount = local.two ? 7 : 5, deadLetterTargetArn = aws_sqs_queue.dead.arn })
}

resource "aws_sqs_queue_redrive_allow_policy" "q" {
  queue_url            = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.q.arn] })
}

resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "tls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.q.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "owner"
        Effect    = "Allow"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.q.arn
        Condition = { StringEquals = { "aws:PrincipalAccount" = local.two ? "000000000000" : "111111111111" } }
      },
    ]
  })
}
