output "name" {
  description = "Name of the queue, with .fifo where it is one."
  value       = aws_sqs_queue.this.name
}

output "url" {
  description = "URL to send to and receive from."
  value       = aws_sqs_queue.this.url
}

output "arn" {
  description = <<-EOT
    ARN of the queue, known at plan time; what refers to it waits for the queue, its redrive and its
    policy.
  EOT
  value       = local.arn
  depends_on  = [aws_sqs_queue.this, aws_sqs_queue_redrive_policy.this, aws_sqs_queue_policy.tls_only]
}

output "fifo" {
  description = "Whether the queue is FIFO."
  value       = var.fifo
}

output "consumer" {
  description = <<-EOT
    The pace of the consumer that visibility was derived from; the function module takes its window
    from here and checks its timeout against it.
  EOT
  value       = var.consumer
}

output "visibility_seconds" {
  description = "Visibility timeout in seconds: 6 x the consumer's timeout + its window."
  value       = local.visibility_seconds
}

output "retention_seconds" {
  description = "How long a message is kept, in seconds."
  value       = var.retention.seconds
}

output "dead_letter" {
  description = "Name, URL and ARN of the dead-letter queue."
  value = {
    name = aws_sqs_queue.dead_letter.name
    url  = aws_sqs_queue.dead_letter.url
    arn  = local.dead_letter_arn
  }
}

output "dead_letter_url" {
  description = "URL of the dead-letter queue, as commands read it among a pipeline's outputs."
  value       = aws_sqs_queue.dead_letter.url
}

output "send" {
  description = "Statement for a function's allows: may send to this queue."
  value = {
    actions   = ["sqs:SendMessage"]
    resources = [local.arn]
    key = var.kms_key_arn == null ? null : {
      arn     = var.kms_key_arn
      actions = ["kms:Decrypt", "kms:GenerateDataKey"]
      service = "sqs"
    }
  }
}

output "consume" {
  description = <<-EOT
    Statement that the function module adds for what it consumes: what the mapping calls, and a
    visibility of its own for retries.
  EOT
  value = {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"]
    resources = [local.arn]
    key       = var.kms_key_arn == null ? null : { arn = var.kms_key_arn, actions = ["kms:Decrypt"], service = "sqs" }
  }
}

output "pull" {
  description = <<-EOT
    Statement for who asks for messages itself, at its own pace, and no mapping does: receive, give
    back, delete.
  EOT
  value = {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
    resources = [local.arn]
    key       = var.kms_key_arn == null ? null : { arn = var.kms_key_arn, actions = ["kms:Decrypt"], service = "sqs" }
  }
}

output "measure" {
  description = "Statement for who may ask how many messages wait."
  value       = { actions = ["sqs:GetQueueAttributes"], resources = [local.arn], key = null }
}
