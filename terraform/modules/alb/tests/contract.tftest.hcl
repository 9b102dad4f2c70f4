# Planned with the attached provider: who may connect, who may call, what is verified and watched.

provider "aws" {
  region = "us-east-1"
}

variables {
  name    = "shop"
  network = { vpc_id = "vpc-0123", subnet_ids = ["subnet-0123", "subnet-0456"] }
  domain = {
    name            = "shop.example.com"
    certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/1234"
  }
  routes = {
    "POST /orders" = {
      function = {
        name  = "orders-take"
        alias = "live"
        arn   = "arn:aws:lambda:us-east-1:000000000000:function:take:live"
      }
    }
    "GET /orders/{id}" = {
      function = {
        name  = "orders-show"
        alias = "live"
        arn   = "arn:aws:lambda:us-east-1:000000000000:function:show:live"
      }
      public = true
    }
    "GET /orders/{id}/lines" = {
      function = {
        name  = "orders-show"
        alias = "live"
        arn   = "arn:aws:lambda:us-east-1:000000000000:function:show:live"
      }
      public = true
    }
  }
}

run "by_a_domain_with_tokens" {
  command = plan

  variables {
    jwt  = { issuer = "https://login.example.com/", audience = ["shop"] }
    cors = { origins = ["https://shop.example.com"] }
  }

  assert {
    condition = (
      aws_lb_listener.this.protocol == "HTTPS" && aws_lb_listener.this.port == 443 &&
      aws_lb_listener.this.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" &&
      output.url == "https://shop.example.com"
    )
    error_message = "It speaks TLS 1.2 and newer with its certificate, and nothing else."
  }
  assert {
    condition = (
      aws_lb_listener_rule.route["POST /orders"].action[0].type == "jwt-validation" &&
      aws_lb_listener_rule.route["POST /orders"].action[0].jwt_validation[0].issuer == "https://login.example.com/" &&
      aws_lb_listener_rule.route["POST /orders"].action[0].jwt_validation[0].jwks_endpoint
      == "https://login.example.com/.well-known/jwks.json" &&
      aws_lb_listener_rule.route["POST /orders"].action[1].type == "forward"
    )
    error_message = "A route's token is verified before its function is asked."
  }
  assert {
    condition     = [for one in aws_lb_listener_rule.route["GET /orders/{id}"].action : one.type] == ["forward"]
    error_message = "A public route asks for no token."
  }
  assert {
    condition     = alltrue([for group in values(aws_lb_target_group.this) : group.lambda_multi_value_headers_enabled])
    error_message = "A function must see every Authorization header: of two nobody knows which one was verified."
  }
  assert {
    condition = (
      aws_lb_listener_rule.route["GET /orders/{id}/lines"].priority
      < aws_lb_listener_rule.route["GET /orders/{id}"].priority
    )
    error_message = "A place matches slashes too: the longer path goes first."
  }
  assert {
    condition = (
      aws_lb_listener.this.routing_http_response_access_control_allow_origin_header_value
      == "https://shop.example.com" &&
      aws_lb_listener_rule.preflight[0].priority == 1
    )
    error_message = "The shop's page may call, and is told so first."
  }
  assert {
    condition = (
      aws_lb_listener.this.default_action[0].fixed_response[0].status_code == "404" &&
      aws_lb_listener.this.default_action[0].fixed_response[0].message_body == "{\"message\":\"Not Found\"}"
    )
    error_message = "What is no route is 404."
  }
  assert {
    condition = alltrue([
      for one in values(aws_lambda_permission.target) :
      one.principal == "elasticloadbalancing.amazonaws.com" && one.qualifier == "live"
    ])
    error_message = "The load balancer may call the alias only."
  }
  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection
    error_message = "Headers that are none are dropped, and nobody deletes it by mistake."
  }
  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && length(aws_lb_trust_store.this) == 0
    error_message = "WAF and certificates of clients are a choice."
  }
}

run "without_tokens" {
  command = plan

  variables {
    anonymous = true
    cors      = { origins = ["*"], methods = ["POST"] }
    tags      = { team = "shop" }
  }

  assert {
    condition     = aws_lb.this.tags == tomap({ team = "shop", anonymous = "true" })
    error_message = "Who looks at it sees that it asks nobody."
  }
  assert {
    condition     = alltrue([for rule in values(aws_lb_listener_rule.route) : length(rule.action) == 1])
    error_message = "Nothing is verified."
  }
}

run "inside_a_network" {
  command = plan

  variables {
    network = {
      vpc_id = "vpc-0123", subnet_ids = ["subnet-0123", "subnet-0456"], internal = true, from = ["10.0.0.0/8"]
    }
    domain              = null
    plain_http          = true
    deletion_protection = false
  }

  assert {
    condition = (
      aws_lb.this.internal && aws_lb_listener.this.protocol == "HTTP" &&
      keys(aws_vpc_security_group_ingress_rule.this) == ["10.0.0.0/8"] &&
      aws_vpc_security_group_ingress_rule.this["10.0.0.0/8"].from_port == 80
    )
    error_message = "Who is in the network reaches it, and nobody else."
  }
  assert {
    condition     = output.alias == null
    error_message = "No alias record without a domain."
  }
}

run "how_much_one_client_may" {
  command = plan

  variables {
    waf         = { requests = 600, token_requests = 60, window_seconds = 60 }
    mutual_tls  = { bucket = "trust", key = "clients.pem" }
    access_logs = { bucket = "lines", prefix = "shop" }
  }

  assert {
    condition = alltrue([
      for rule in aws_wafv2_web_acl.this[0].rule :
      rule.statement[0].rate_based_statement[0].evaluation_window_sec == 60 && length(rule.action[0].block) == 1
      ]) && toset([
      for rule in aws_wafv2_web_acl.this[0].rule : rule.statement[0].rate_based_statement[0].limit
    ]) == toset([600, 60])
    error_message = "An address and a token each have a limit, past which they are blocked."
  }
  assert {
    condition     = aws_lb_listener.this.mutual_authentication[0].mode == "verify"
    error_message = "Clients show a certificate."
  }
  assert {
    condition     = aws_lb.this.access_logs[0].bucket == "lines" && aws_lb.this.access_logs[0].enabled
    error_message = "Lines go to the bucket."
  }
}
