# The way to the premises: routes to the database's addresses and to no others, whatever the other side announces.
# A VPN connection is not made here: its keys would be in the state.

locals {
  by_gateway = local.made && (var.way.vpn_gateway_id != null || var.way.direct_connect_gateway_id != null)
  by_transit = local.made && var.way.transit_gateway_id != null

  vpn_gateway_id = try(coalesce(var.way.vpn_gateway_id, one(aws_vpn_gateway.direct_connect[*].id)), null)
}

resource "aws_vpn_gateway_attachment" "this" {
  count = var.way.vpn_gateway_id == null ? 0 : 1

  vpc_id         = local.vpc_id
  vpn_gateway_id = var.way.vpn_gateway_id
}

resource "aws_vpn_gateway" "direct_connect" {
  count = var.way.direct_connect_gateway_id == null ? 0 : 1

  vpc_id = local.vpc_id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_dx_gateway_association" "this" {
  count = var.way.direct_connect_gateway_id == null ? 0 : 1

  dx_gateway_id         = var.way.direct_connect_gateway_id
  associated_gateway_id = aws_vpn_gateway.direct_connect[0].id
  allowed_prefixes      = [var.cidr]
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  count = var.way.transit_gateway_id == null ? 0 : 1

  vpc_id             = local.vpc_id
  subnet_ids         = local.subnet_ids
  transit_gateway_id = var.way.transit_gateway_id
  tags               = merge(var.tags, { Name = var.name })
}

resource "aws_route" "premises" {
  for_each = local.by_gateway || local.by_transit ? var.premises.cidrs : []

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = each.key
  gateway_id             = local.by_gateway ? local.vpn_gateway_id : null
  transit_gateway_id     = local.by_transit ? var.way.transit_gateway_id : null

  # AWS takes no route to a gateway that is not attached yet
  depends_on = [
    aws_vpn_gateway_attachment.this, aws_dx_gateway_association.this, aws_ec2_transit_gateway_vpc_attachment.this,
  ]
}
