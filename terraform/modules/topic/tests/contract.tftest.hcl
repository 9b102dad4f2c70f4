# Planned with the attached provider: encrypted, TLS only, for two services of this account.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "on-call"
  emails   = ["on-call@example.com"]
  webhooks = { pager = "https://pager.example.com/key" }
}

run "somebody_hears" {
  command = plan

  assert {
    condition = (
      aws_sns_topic_subscription.email["on-call@example.com"].protocol == "email" &&
      aws_sns_topic_subscription.webhook["pager"].protocol == "https" &&
      aws_sns_topic_subscription.webhook["pager"].endpoint == "https://pager.example.com/key"
    )
    error_message = "Each address is subscribed."
  }
  assert {
    condition     = output.arn == "arn:aws:sns:us-east-1:000000000000:on-call"
    error_message = "The ARN is known at plan time."
  }
}

run "only_alarms_and_budgets_of_this_account_publish" {
  command = plan

  # the policy is known where the topic's own ARN is not
  assert {
    condition = jsondecode(aws_sns_topic_policy.this.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:us-east-1:000000000000:on-call"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:us-east-1:000000000000:on-call"
        Condition = {
          StringEquals = { "aws:SourceAccount" = "000000000000" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*" }
        }
      },
      {
        Sid       = "Budgets"
        Effect    = "Allow"
        Principal = { Service = "budgets.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:us-east-1:000000000000:on-call"
        Condition = {
          StringEquals = { "aws:SourceAccount" = "000000000000" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:budgets::000000000000:*" }
        }
      },
    ]
    error_message = "Two services publish, for this account, over TLS; nobody else."
  }
  assert {
    condition = jsondecode(aws_kms_key.this[0].policy).Statement[1] == {
      Sid       = "Publishers"
      Effect    = "Allow"
      Principal = { Service = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"] }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceAccount" = "000000000000" } }
    }
    error_message = "Who publishes may use the key, or an alarm would be lost without a word."
  }
  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation
    error_message = "The key is changed every year."
  }
}

run "a_key_of_ones_own" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_sns_topic.this.kms_master_key_id == var.kms_key_arn
    error_message = "The topic uses the key that is given, and makes none."
  }
}

run "no_key_where_a_dollar_counts" {
  command = plan

  variables {
    own_key = false
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && aws_sns_topic.this.kms_master_key_id == null
    error_message = "Without a key there is none: SNS's own would keep CloudWatch out."
  }
}
