output "name" {
  description = "Name of the topic."
  value       = aws_sns_topic.this.name
}

output "arn" {
  description = "ARN of the topic, known at plan time; what refers to it waits for the topic and its policy."
  value       = local.arn
  depends_on  = [aws_sns_topic.this, aws_sns_topic_policy.this]
}
