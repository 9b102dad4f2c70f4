# What is listened to, and what becomes of it. No route of ours: 404 in the words of an HTTP API.

locals {
  cors = var.cors == null ? null : {
    origin  = var.cors.origins[0]
    methods = join(",", var.cors.methods)
    headers = join(",", var.cors.headers)
    exposed = join(",", var.cors.exposed)
    age     = tostring(var.cors.max_age_seconds)
  }
  jwks_url = var.jwt == null ? null : coalesce(
    var.jwt.jwks_url, "${trimsuffix(var.jwt.issuer, "/")}/.well-known/jwks.json",
  )
}

resource "aws_lb_trust_store" "this" {
  count = var.mutual_tls == null ? 0 : 1

  name                                     = var.name
  ca_certificates_bundle_s3_bucket         = var.mutual_tls.bucket
  ca_certificates_bundle_s3_key            = var.mutual_tls.key
  ca_certificates_bundle_s3_object_version = var.mutual_tls.version
  tags                                     = var.tags
}

resource "aws_lb_listener" "this" {
  # checkov:skip=CKV_AWS_2: Plain HTTP is spoken where plain_http says that nobody listens in, and nowhere else.
  # checkov:skip=CKV_AWS_103: The policy is an input (tls_policy), which takes nothing older than TLS 1.2.
  load_balancer_arn = aws_lb.this.arn
  port              = local.port
  protocol          = var.domain == null ? "HTTP" : "HTTPS"
  certificate_arn   = var.domain == null ? null : var.domain.certificate_arn
  ssl_policy        = var.domain == null ? null : var.tls_policy
  tags              = var.tags

  routing_http_response_server_enabled                             = false
  routing_http_response_access_control_allow_origin_header_value   = try(local.cors.origin, null)
  routing_http_response_access_control_allow_methods_header_value  = try(local.cors.methods, null)
  routing_http_response_access_control_allow_headers_header_value  = try(local.cors.headers, null)
  routing_http_response_access_control_expose_headers_header_value = try(local.cors.exposed, null)
  routing_http_response_access_control_max_age_header_value        = try(local.cors.age, null)

  dynamic "mutual_authentication" {
    for_each = aws_lb_trust_store.this
    content {
      mode            = "verify"
      trust_store_arn = mutual_authentication.value.arn
    }
  }

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "application/json"
      message_body = jsonencode({ message = "Not Found" })
      status_code  = "404"
    }
  }
}

# A browser asks first (OPTIONS); the listener's attributes are the answer.
resource "aws_lb_listener_rule" "preflight" {
  count = var.cors == null ? 0 : 1

  listener_arn = aws_lb_listener.this.arn
  priority     = 1
  tags         = var.tags

  condition {
    http_request_method {
      values = ["OPTIONS"]
    }
  }
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "204"
    }
  }
}

resource "aws_lb_listener_rule" "route" {
  for_each = var.routes

  listener_arn = aws_lb_listener.this.arn
  priority     = local.priorities[each.key]
  tags         = var.tags

  condition {
    path_pattern {
      values = [replace(local.paths[each.key], "/\\{[^}]+\\}/", "*")]
    }
  }
  dynamic "condition" {
    for_each = startswith(each.key, "ANY ") ? [] : [split(" ", each.key)[0]]
    content {
      http_request_method {
        values = [condition.value]
      }
    }
  }

  dynamic "action" {
    for_each = var.jwt == null || each.value.public ? [] : [var.jwt]
    content {
      type  = "jwt-validation"
      order = 1
      jwt_validation {
        issuer        = action.value.issuer
        jwks_endpoint = local.jwks_url
      }
    }
  }
  action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }

  lifecycle {
    precondition {
      condition     = length(distinct(values(local.priorities))) == length(local.priorities)
      error_message = "Two routes have the same rule number, drawn from their names: name one of them otherwise."
    }
  }
}
