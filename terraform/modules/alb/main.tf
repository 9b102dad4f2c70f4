locals {
  # Whoever reads a plan or the account sees that this entrance asks nobody for a token.
  tags = merge(var.tags, var.anonymous ? { anonymous = "true" } : {})
  port = var.domain == null ? 80 : 443

  # Names of target groups have 32 characters; what they are of stands in a tag.
  ids = { for key in keys(var.routes) : key => substr(sha256(key), 0, 8) }

  # A place in a path matches slashes too, so longer paths go first; among those of one length any
  # order will do, and each route keeps its own when another one comes.
  paths = { for key in keys(var.routes) : key => split(" ", key)[1] }
  priorities = {
    for key, path in local.paths :
    key => 1000 * (45 - min(44, length(split("/", path)))) + parseint(substr(sha256(key), 8, 4), 16) % 1000
  }
}

resource "aws_lb" "this" {
  # checkov:skip=CKV_AWS_150: An input (deletion_protection), on where nothing is said.
  # checkov:skip=CKV_AWS_91: An input (access_logs): they say who asked, and cost more than the load balancer.
  # checkov:skip=CKV2_AWS_28: An input (waf): at many requests a second it costs seven times the load balancer.
  # checkov:skip=CKV2_AWS_20: Nothing listens on port 80 where there is a certificate: there is nothing to redirect.
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = var.network.internal
  subnets                    = var.network.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
  tags                       = local.tags

  dynamic "access_logs" {
    for_each = var.access_logs == null ? [] : [var.access_logs]
    content {
      bucket  = access_logs.value.bucket
      prefix  = access_logs.value.prefix
      enabled = true
    }
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-alb"
  description = "What may connect to the load balancer ${var.name}; it invokes functions through no network."
  vpc_id      = var.network.vpc_id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  # checkov:skip=CKV_AWS_260: Port 80 is open where plain_http says that nobody listens in, and from network.from alone.
  for_each = toset(var.network.from)

  security_group_id = aws_security_group.this.id
  description       = "Clients."
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = local.port
  to_port           = local.port
  tags              = var.tags
}

resource "aws_lb_target_group" "this" {
  for_each = var.routes

  name                               = "${substr(var.name, 0, 22)}-${local.ids[each.key]}"
  target_type                        = "lambda"
  lambda_multi_value_headers_enabled = true # else the last of several Authorization headers alone is seen
  tags                               = merge(var.tags, { route = replace(each.key, "/[{}]/", "") })
}

resource "aws_lambda_permission" "target" {
  for_each = var.routes

  statement_id  = "${var.name}-alb-${local.ids[each.key]}"
  action        = "lambda:InvokeFunction"
  principal     = "elasticloadbalancing.amazonaws.com"
  function_name = each.value.function.name
  qualifier     = each.value.function.alias
  source_arn    = aws_lb_target_group.this[each.key].arn
}

resource "aws_lb_target_group_attachment" "this" {
  for_each = var.routes

  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = each.value.function.arn
  depends_on       = [aws_lambda_permission.target]
}
