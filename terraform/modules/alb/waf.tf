# How much one client may ask. A load balancer itself has no throttle; a function's has no clients.

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV2_AWS_31: It counts requests; a log of each that it lets by costs more than the load balancer.
  # checkov:skip=CKV_AWS_192: Nothing here is written in Java; the rules are about how much one client asks.
  count = var.waf == null ? 0 : 1

  name  = var.name
  scope = "REGIONAL"
  tags  = var.tags

  default_action {
    allow {}
  }

  rule {
    name     = "of-one-address"
    priority = 1
    action {
      block {}
    }
    statement {
      rate_based_statement {
        limit                 = var.waf.requests
        evaluation_window_sec = var.waf.window_seconds
        aggregate_key_type    = "IP"
      }
    }
    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-of-one-address"
      sampled_requests_enabled   = false
    }
  }

  dynamic "rule" {
    for_each = var.waf.token_requests == null ? [] : [var.waf.token_requests]
    content {
      name     = "of-one-token"
      priority = 2
      action {
        block {}
      }
      statement {
        rate_based_statement {
          limit                 = rule.value
          evaluation_window_sec = var.waf.window_seconds
          aggregate_key_type    = "CUSTOM_KEYS"
          custom_key {
            header {
              name = "authorization"
              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }
      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-of-one-token"
        sampled_requests_enabled   = false
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = false
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.waf == null ? 0 : 1

  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}
