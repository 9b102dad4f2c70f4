output "id" {
  description = "What the load balancer is called in its metrics (app/<name>/<id>)."
  value       = aws_lb.this.arn_suffix
}

output "url" {
  description = <<-EOT
    Address without a trailing slash, the domain's where there is one; it is there once every route
    may invoke its function.
  EOT
  value       = local.url
  depends_on  = [aws_lb_target_group_attachment.this, aws_lb_listener_rule.route, aws_wafv2_web_acl_association.this]
}

output "urls" {
  description = "By route: the address that its path is appended to, the same for all."
  value       = { for key in keys(var.routes) : key => local.url }
  depends_on  = [aws_lb_target_group_attachment.this, aws_lb_listener_rule.route, aws_wafv2_web_acl_association.this]
}

output "alias" {
  description = "What the domain's alias record must point to (name, zone_id); null where there is no domain."
  value       = var.domain == null ? null : { name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
}

output "log_group" {
  description = "Null: access logs go to a bucket."
  value       = null
}

output "watch" {
  description = "Metrics of requests and of 5xx answers, and others to show, for the observability module."
  value = { for key, names in {
    requests = ["RequestCount"]
    errors   = ["HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count"]
    shown    = ["HTTPCode_ELB_4XX_Count", "HTTPCode_Target_4XX_Count", "NewConnectionCount"]
  } : key => [for name in names : merge(local.metric, { name = name })] }
}

output "metrics" {
  description = "Further metrics with their limits, for the observability module."
  value = merge(
    {
      rejected-connections = merge(local.metric, {
        name = "RejectedConnectionCount"
        limit = {
          above = 0, periods = 5, datapoints = 2
          description = join(" ", [
            "${var.name} refuses connections: a burst came faster than it grows, or a flood.",
            "Its metrics of new connections and WAF's say which.",
          ])
        }
      })
    },
    {
      for key, group in aws_lb_target_group.this : "target-errors-${local.ids[key]}" => {
        namespace  = "AWS/ApplicationELB"
        name       = "LambdaUserError"
        dimensions = { LoadBalancer = aws_lb.this.arn_suffix, TargetGroup = group.arn_suffix }
        limit = {
          above = 0, periods = 5, datapoints = 3
          description = join(" ", [
            "Requests of ${key} to ${var.name} end in the function's error, timeout or throttle, and",
            "clients get a 5xx: its log and its throttles say which.",
          ])
        }
      }
    },
  )
}

locals {
  url    = var.domain == null ? "http://${aws_lb.this.dns_name}" : "https://${var.domain.name}"
  metric = { namespace = "AWS/ApplicationELB", dimensions = { LoadBalancer = aws_lb.this.arn_suffix } }
}
