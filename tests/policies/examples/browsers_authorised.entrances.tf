# The same of load balancers and of function URLs.
resource "aws_lb" "asks" {
  name               = "asks"
  load_balancer_type = "application"
  subnets            = ["subnet-00000001", "subnet-00000002"]
}

resource "aws_lb" "anonymous" {
  name               = "anonymous"
  load_balancer_type = "application"
  subnets            = ["subnet-00000001", "subnet-00000002"]
  tags               = { anonymous = "true" }
}

resource "aws_lb_target_group" "orders" {
  name        = "orders"
  target_type = "lambda"
}

resource "aws_lb_listener" "browsers" {
  load_balancer_arn = aws_lb.asks.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = "arn:aws:acm:us-east-1:111111111111:certificate/1"

  routing_http_response_access_control_allow_origin_header_value = "https://shop.example.com"

  default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "servers" {
  load_balancer_arn = aws_lb.asks.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.orders.arn
  }
}

resource "aws_lb_listener" "passing_anonymous" {
  load_balancer_arn = aws_lb.anonymous.arn
  port              = 80
  protocol          = "HTTP"

  routing_http_response_access_control_allow_origin_header_value = "*"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.orders.arn
  }
}

resource "aws_lb_listener" "failing_default" {
  load_balancer_arn = aws_lb.asks.arn
  port              = 80
  protocol          = "HTTP"

  routing_http_response_access_control_allow_origin_header_value = "*"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.orders.arn
  }
}

resource "aws_lb_listener_rule" "browsers" {
  for_each = {
    passing_token    = { number = 1, methods = ["POST"], asks = ["jwt-validation"] }
    passing_get      = { number = 2, methods = ["GET", "HEAD"], asks = [] }
    failing_post     = { number = 3, methods = ["POST"], asks = [] }
    failing_some     = { number = 4, methods = ["GET", "DELETE"], asks = [] }
    failing_whatever = { number = 5, methods = [], asks = [] }
  }

  listener_arn = aws_lb_listener.browsers.arn
  priority     = each.value.number

  condition {
    path_pattern {
      values = ["/orders"]
    }
  }
  dynamic "condition" {
    for_each = length(each.value.methods) > 0 ? [each.value.methods] : []
    content {
      http_request_method {
        values = condition.value
      }
    }
  }
  dynamic "action" {
    for_each = each.value.asks
    content {
      type  = action.value
      order = 1
      jwt_validation {
        issuer        = "https://login.example.com"
        jwks_endpoint = "https://login.example.com/keys"
      }
    }
  }
  action {
    type             = "forward"
    order            = 2
    target_group_arn = aws_lb_target_group.orders.arn
  }
}

resource "aws_lb_listener_rule" "passing_servers" {
  listener_arn = aws_lb_listener.servers.arn

  condition {
    path_pattern {
      values = ["/orders"]
    }
  }
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.orders.arn
  }
}

resource "aws_lambda_function" "anonymous" {
  function_name = "anonymous"
  role          = "arn:aws:iam::111111111111:role/consumer"
  handler       = "consumer.handler"
  runtime       = "python3.13"
  filename      = "consumer.zip"
  tags          = { anonymous = "true" }
}

resource "aws_lambda_function_url" "passing_told" {
  function_name      = aws_lambda_function.anonymous.function_name
  authorization_type = "NONE"
  cors {
    allow_origins = ["*"]
  }
}

resource "aws_lambda_function_url" "passing_signed" {
  function_name      = aws_lambda_function.consumer.function_name
  authorization_type = "AWS_IAM"
  cors {
    allow_origins = ["*"]
  }
}

resource "aws_lambda_function_url" "passing_url" {
  function_name      = aws_lambda_function.consumer.function_name
  qualifier          = "servers"
  authorization_type = "NONE"
}

resource "aws_lambda_function_url" "failing_url" {
  function_name      = aws_lambda_function.consumer.function_name
  qualifier          = "browsers"
  authorization_type = "NONE"
  cors {
    allow_origins = ["https://shop.example.com"]
  }
}
