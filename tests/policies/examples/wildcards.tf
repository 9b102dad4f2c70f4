resource "aws_iam_role_policy" "this" {
  for_each = {
    passing          = { Action = "sqs:SendMessage", Resource = "arn:aws:sqs:us-east-1:111111111111:work" }
    passing_objects  = { Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::work/*"] }
    passing_reasoned = { Action = ["cloudwatch:PutMetricData"], Resource = "*" }
    failing          = { Action = "sqs:SendMessage", Resource = "*" }
    failing_type     = { Action = "dynamodb:GetItem", Resource = "arn:aws:dynamodb:us-east-1:111111111111:table/*" }
    failing_action   = { Action = "sqs:*", Resource = "arn:aws:sqs:us-east-1:111111111111:work" }
    failing_not      = { NotAction = "iam:*", Resource = "arn:aws:sqs:us-east-1:111111111111:work" }
    unknown          = { Action = "sqs:SendMessage", Resource = local.hidden }
  }

  role   = "consumer"
  policy = jsonencode({ Version = "2012-10-17", Statement = [merge({ Effect = "Allow" }, each.value)] })
}

resource "aws_iam_role_policy" "skipped" {
  # checkov:skip=CKV_SLUICE_14: The reason, in words; checkov reads it with --repo-root-for-plan-enrichment.
  role = "consumer"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" }]
  })
}
