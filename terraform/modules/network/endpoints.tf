# AWS's services without the internet. Each lets through what this account does with what is this account's: nobody
# carries data to another account's bucket or queue this way.

locals {
  ours = {
    StringEquals = {
      "aws:PrincipalAccount" = data.aws_caller_identity.current.account_id
      "aws:ResourceAccount"  = data.aws_caller_identity.current.account_id
    }
  }
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "*", Resource = "*", Condition = local.ours }]
  })
  has_interfaces = length(var.endpoints.interface) > 0
}

resource "aws_vpc_endpoint" "gateway" {
  for_each = var.endpoints.gateway

  vpc_id            = local.vpc_id
  service_name      = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.route_table_ids
  policy            = local.policy
  tags              = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    precondition {
      condition = local.made || length(try(var.existing.route_table_ids, [])) > 0
      error_message = join(" ", [
        "existing.route_table_ids names no table that a gateway endpoint could be put into: name those",
        "of the subnets, or set endpoints.gateway = [] and existing.endpoint_prefix_list_ids.",
      ])
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.endpoints.interface

  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = local.subnet_ids
  security_group_ids  = aws_security_group.endpoints[*].id
  private_dns_enabled = true # boto3 finds it under the service's own name
  policy              = local.policy
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_security_group" "endpoints" {
  count = local.has_interfaces ? 1 : 0

  name        = "${var.name}-endpoints"
  description = "HTTPS in from the functions. Nothing out."
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-endpoints" })
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  count = local.has_interfaces ? 1 : 0

  security_group_id            = aws_security_group.endpoints[0].id
  description                  = "The functions."
  referenced_security_group_id = aws_security_group.functions.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "interfaces" {
  for_each = merge(
    local.has_interfaces ? { own = one(aws_security_group.endpoints[*].id) } : {},
    { for place, id in try(var.existing.endpoint_security_group_ids, []) : "existing-${place}" => id },
  )

  security_group_id            = aws_security_group.functions.id
  description                  = "Endpoints of AWS in this network."
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "gateways" {
  for_each = merge(
    { for service in var.endpoints.gateway : service => aws_vpc_endpoint.gateway[service].prefix_list_id },
    { for place, id in try(var.existing.endpoint_prefix_list_ids, []) : "existing-${place}" => id },
  )

  security_group_id = aws_security_group.functions.id
  description       = "Addresses of a service of AWS with a gateway."
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
