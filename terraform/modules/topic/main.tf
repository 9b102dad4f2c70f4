data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  aws     = "arn:${data.aws_partition.current.partition}"
  here    = "${data.aws_region.current.region}:${local.account}"
  arn     = "${local.aws}:sns:${local.here}:${var.name}"

  # Who publishes: the service, and what of this account it does so for.
  publishers = {
    Alarms  = { service = "cloudwatch.amazonaws.com", source = "${local.aws}:cloudwatch:${local.here}:alarm:*" }
    Budgets = { service = "budgets.amazonaws.com", source = "${local.aws}:budgets::${local.account}:*" }
  }

  makes_key = var.own_key && var.kms_key_arn == null
}

# SNS's own key would not do: its policy cannot be changed, and CloudWatch may not use it, so that
# an alarm's message would be lost without a word.
resource "aws_kms_key" "this" {
  count = local.makes_key ? 1 : 0

  description             = "What ${var.name} holds until it is delivered."
  enable_key_rotation     = true
  deletion_window_in_days = 7
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administrators"
        Effect    = "Allow"
        Principal = { AWS = "${local.aws}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Publishers"
        Effect    = "Allow"
        Principal = { Service = sort(values(local.publishers)[*].service) }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
    ]
  })
}

resource "aws_sns_topic" "this" {
  # checkov:skip=CKV_AWS_26: A key is the default (own_key, kms_key_arn); SNS's disks are encrypted in any case.
  name              = var.name
  kms_master_key_id = local.makes_key ? aws_kms_key.this[0].arn : var.kms_key_arn
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for sid, publisher in local.publishers : {
        Sid       = sid
        Effect    = "Allow"
        Principal = { Service = publisher.service }
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = local.account }
          ArnLike      = { "aws:SourceArn" = publisher.source }
        }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.emails

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_sns_topic_subscription" "webhook" {
  for_each = var.webhooks

  topic_arn = aws_sns_topic.this.arn
  protocol  = "https"
  endpoint  = each.value
}
