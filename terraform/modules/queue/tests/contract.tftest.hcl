# Planned with the attached provider: what follows from the pace of the consumer.

provider "aws" {
  region = "us-east-1"
}

run "a_standard_queue" {
  command = plan

  variables {
    name     = "orders"
    consumer = { timeout_seconds = 60, window_seconds = 2 }
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 362
    error_message = "Visibility must be 6 x timeout + window."
  }
  assert {
    condition = (
      aws_sqs_queue.this.name == "orders" &&
      aws_sqs_queue.dead_letter.name == "orders-dlq" &&
      !aws_sqs_queue.dead_letter.fifo_queue
    )
    error_message = "A standard queue has a standard dead-letter queue."
  }
  assert {
    condition = (
      jsondecode(aws_sqs_queue_redrive_policy.this.redrive_policy)
      == { deadLetterTargetArn = "arn:aws:sqs:us-east-1:000000000000:orders-dlq", maxReceiveCount = 5 }
    )
    error_message = "Five receives lead to the dead-letter queue."
  }
  assert {
    condition = (
      jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter.redrive_allow_policy).sourceQueueArns
      == ["arn:aws:sqs:us-east-1:000000000000:orders"]
    )
    error_message = "Only this queue may use the dead-letter queue."
  }
  assert {
    condition     = aws_sqs_queue.dead_letter.message_retention_seconds >= aws_sqs_queue.this.message_retention_seconds
    error_message = "Dead letters must outlive messages."
  }
  assert {
    condition     = aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.dead_letter.sqs_managed_sse_enabled
    error_message = "Both queues are encrypted with SQS's key."
  }
  assert {
    condition = alltrue([
      for policy in values(aws_sqs_queue_policy.tls_only) :
      jsondecode(policy.policy).Statement[0].Effect == "Deny" &&
      jsondecode(policy.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    ]) && length(aws_sqs_queue_policy.tls_only) == 2
    error_message = "Both queues refuse plain HTTP."
  }
  assert {
    condition = (
      output.send.actions == ["sqs:SendMessage"] &&
      output.send.resources == ["arn:aws:sqs:us-east-1:000000000000:orders"] &&
      output.send.key == null
    )
    error_message = "send is one action on one ARN."
  }
}

run "a_fifo_queue" {
  command = plan

  variables {
    name          = "orders"
    fifo          = true
    consumer      = { timeout_seconds = 15 }
    delay_seconds = 6
    max_receives  = 10
  }

  assert {
    condition = (
      aws_sqs_queue.this.name == "orders.fifo" &&
      aws_sqs_queue.dead_letter.name == "orders-dlq.fifo" &&
      aws_sqs_queue.dead_letter.fifo_queue
    )
    error_message = "A FIFO queue has a FIFO dead-letter queue."
  }
  assert {
    condition = (
      aws_sqs_queue.this.fifo_throughput_limit == "perMessageGroupId" &&
      aws_sqs_queue.this.deduplication_scope == "messageGroup"
    )
    error_message = "FIFO throughput is per group."
  }
  assert {
    condition = (
      aws_sqs_queue.this.visibility_timeout_seconds == 90 &&
      aws_sqs_queue.this.delay_seconds == 6 &&
      aws_sqs_queue.dead_letter.delay_seconds == 0
    )
    error_message = "Visibility is 6 x 15, and only the queue itself delays."
  }
}

run "a_key_comes_with_its_grants" {
  command = plan

  variables {
    name        = "orders"
    consumer    = { timeout_seconds = 10 }
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
  }

  assert {
    condition = (
      aws_sqs_queue.this.kms_master_key_id == var.kms_key_arn &&
      aws_sqs_queue.dead_letter.kms_master_key_id == var.kms_key_arn
    )
    error_message = "Both queues use the key."
  }
  assert {
    condition = (
      output.send.key.actions == ["kms:Decrypt", "kms:GenerateDataKey"] &&
      output.consume.key.actions == ["kms:Decrypt"]
    )
    error_message = "A sender needs a data key, a consumer only decrypts."
  }
}

run "services_send_for_one_source_and_over_tls_only" {
  command = plan

  variables {
    name     = "orders"
    consumer = { timeout_seconds = 10 }
    senders = {
      papers = { principal = "s3.amazonaws.com", source = "arn:aws:s3:::papers" }
      news   = { principal = "sns.amazonaws.com", source = "arn:aws:sns:us-east-1:000000000000:news" }
    }
  }

  assert {
    condition = jsondecode(aws_sqs_queue_policy.tls_only["queue"].policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = "arn:aws:sqs:us-east-1:000000000000:orders"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "news"
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:us-east-1:000000000000:orders"
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:sns:us-east-1:000000000000:news" } }
      },
      {
        Sid       = "papers"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:us-east-1:000000000000:orders"
        Condition = {
          StringEquals = { "aws:SourceArn" = "arn:aws:s3:::papers", "aws:SourceAccount" = "000000000000" }
        }
      },
    ]
    error_message = "Each sender is one service for one source (of a bucket's account), and plain HTTP stays denied."
  }
  assert {
    condition     = length(jsondecode(aws_sqs_queue_policy.tls_only["dead_letter"].policy).Statement) == 1
    error_message = "Nobody sends to the dead-letter queue."
  }
}
