data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_availability_zones" "here" {
  # checkov:skip=CKV_AWS_394: Two are taken, and a subnet that is made stays in its own: ignore_changes below.
  state = "available"
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

locals {
  made = var.cidr != null
  # by a number, for a zone's name is not known before it is asked for
  zones = {
    for place in local.made ? ["0", "1"] : [] : place => data.aws_availability_zones.here.names[tonumber(place)]
  }

  vpc_id          = local.made ? one(aws_vpc.this[*].id) : var.existing.vpc_id
  subnet_ids      = local.made ? values(aws_subnet.private)[*].id : var.existing.subnet_ids
  route_table_ids = local.made ? aws_route_table.private[*].id : var.existing.route_table_ids
}

resource "aws_vpc" "this" {
  # checkov:skip=CKV2_AWS_11: What goes where is held by security groups; flow logs are an account's choice, and a bill.
  count = local.made ? 1 : 0

  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # endpoints answer under their services' own names
  tags                 = merge(var.tags, { Name = var.name })
}

# Whoever names no security group gets this one: nothing in, nothing out.
resource "aws_default_security_group" "this" {
  count = local.made ? 1 : 0

  vpc_id = local.vpc_id
  tags   = merge(var.tags, { Name = "${var.name}-nobody" })
}

# No internet gateway and no NAT: these subnets lead to the premises and to the endpoints.
resource "aws_subnet" "private" {
  for_each = local.zones

  vpc_id                  = local.vpc_id
  availability_zone       = each.value
  cidr_block              = cidrsubnet(var.cidr, 1, tonumber(each.key))
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-${each.key}" })

  lifecycle {
    ignore_changes = [availability_zone] # a zone that is new to the account moves nobody
  }
}

resource "aws_route_table" "private" {
  count = local.made ? 1 : 0

  vpc_id = local.vpc_id
  tags   = merge(var.tags, { Name = var.name })
}

resource "aws_route_table_association" "private" {
  for_each = local.zones

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[0].id
}

# --- who may talk to whom --------------------------------------------------------------------------------------------

resource "aws_security_group" "functions" {
  # checkov:skip=CKV2_AWS_5: Whoever calls the module attaches it: a function takes it as its vpc.
  name        = "${var.name}-functions"
  description = "Nothing in. Out to the port of the database on the premises, and to endpoints of AWS."
  vpc_id      = local.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-functions" })
}

resource "aws_vpc_security_group_egress_rule" "premises" {
  for_each = var.premises.cidrs

  security_group_id = aws_security_group.functions.id
  description       = "The database on the premises."
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = var.premises.port
  to_port           = var.premises.port
  tags              = var.tags
}
