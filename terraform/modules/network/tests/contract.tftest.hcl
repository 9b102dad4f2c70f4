# Planned with the attached provider: out is what is named, in is nothing, and a route leads to the database alone.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "acme-receipts"
  cidr     = "10.64.0.0/26"
  premises = { cidrs = ["10.20.30.40/32", "10.20.30.41/32"], port = 6432 }
  way      = { vpn_gateway_id = "vgw-1" }
}

run "private_subnets_in_two_zones" {
  command = plan

  assert {
    condition = (
      toset([for s in aws_subnet.private : s.cidr_block]) == toset(["10.64.0.0/27", "10.64.0.32/27"]) &&
      length(distinct([for s in aws_subnet.private : s.availability_zone])) == 2 &&
      !anytrue([for s in aws_subnet.private : s.map_public_ip_on_launch])
    )
    error_message = "Two halves, in two zones, with no public address."
  }
  assert {
    condition     = aws_vpc.this[0].enable_dns_hostnames && aws_vpc.this[0].enable_dns_support
    error_message = "Without both, endpoints do not answer under their services' names."
  }
}

run "out_is_what_is_named" {
  command = plan

  assert {
    condition = (
      toset([for rule in aws_vpc_security_group_egress_rule.premises : rule.cidr_ipv4]) == var.premises.cidrs &&
      alltrue([
        for rule in aws_vpc_security_group_egress_rule.premises :
        rule.ip_protocol == "tcp" && rule.from_port == 6432 && rule.to_port == 6432
      ])
    )
    error_message = "To the database goes its one port."
  }
  assert {
    condition = alltrue([
      for rule in concat(
        values(aws_vpc_security_group_egress_rule.interfaces), values(aws_vpc_security_group_egress_rule.gateways),
      ) : rule.ip_protocol == "tcp" && rule.from_port == 443 && rule.to_port == 443 && rule.cidr_ipv4 == null
    ])
    error_message = "To the endpoints goes HTTPS, and to no address beside them."
  }
  assert {
    condition = (
      keys(aws_vpc_security_group_egress_rule.gateways) == ["dynamodb", "s3"] &&
      keys(aws_vpc_security_group_egress_rule.interfaces) == ["own"] &&
      aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443
    )
    error_message = "One rule a gateway, one for all interfaces, and theirs lets the functions in."
  }
}

run "routes_lead_to_the_database_alone" {
  command = plan

  assert {
    condition = (
      toset([for route in aws_route.premises : route.destination_cidr_block]) == var.premises.cidrs &&
      alltrue([for route in aws_route.premises : route.gateway_id == "vgw-1"]) &&
      aws_vpn_gateway_attachment.this[0].vpn_gateway_id == "vgw-1"
    )
    error_message = "Each address of the premises has a route to the gateway, which is attached."
  }
}

run "endpoints_serve_this_account" {
  command = plan

  assert {
    condition = (
      keys(aws_vpc_endpoint.interface) == ["secretsmanager", "sqs"] &&
      keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"] &&
      aws_vpc_endpoint.interface["sqs"].service_name == "com.amazonaws.us-east-1.sqs" &&
      aws_vpc_endpoint.interface["sqs"].private_dns_enabled
    )
    error_message = "What the functions call has an endpoint, under its own name."
  }
  assert {
    condition = alltrue([
      for one in concat(values(aws_vpc_endpoint.interface), values(aws_vpc_endpoint.gateway)) :
      jsondecode(one.policy).Statement[0].Condition == {
        StringEquals = { "aws:PrincipalAccount" = "000000000000", "aws:ResourceAccount" = "000000000000" }
      }
    ])
    error_message = "Nobody else's credentials and nobody else's bucket work here."
  }
}

run "by_a_direct_connect" {
  command = plan
  variables {
    way = { direct_connect_gateway_id = "0123abcd" }
  }

  assert {
    condition = (
      aws_dx_gateway_association.this[0].allowed_prefixes == toset([var.cidr]) &&
      length(aws_vpn_gateway.direct_connect) == 1 && length(aws_route.premises) == 2
    )
    error_message = "A gateway is made, announces this network alone, and has the routes."
  }
}

run "by_a_transit_gateway" {
  command = plan
  variables {
    way = { transit_gateway_id = "tgw-1" }
  }

  assert {
    condition = (
      aws_ec2_transit_gateway_vpc_attachment.this[0].transit_gateway_id == "tgw-1" &&
      alltrue([for route in aws_route.premises : route.transit_gateway_id == "tgw-1" && route.gateway_id == null])
    )
    error_message = "The network is attached, and the routes lead there."
  }
}

run "in_a_network_that_is_there_with_its_endpoints" {
  command = plan
  variables {
    cidr = null
    way  = {}
    existing = {
      vpc_id                      = "vpc-1"
      subnet_ids                  = ["subnet-1", "subnet-2"]
      endpoint_security_group_ids = ["sg-1"]
      endpoint_prefix_list_ids    = ["pl-1"]
    }
    endpoints = { gateway = [], interface = [] }
  }

  assert {
    condition = (
      length(aws_vpc.this) == 0 && length(aws_subnet.private) == 0 && length(aws_route.premises) == 0 &&
      length(aws_vpc_endpoint.interface) == 0 && length(aws_security_group.endpoints) == 0
    )
    error_message = "Nothing is made that is there."
  }
  assert {
    condition = (
      output.vpc.subnet_ids == tolist(["subnet-1", "subnet-2"]) && output.vpc_id == "vpc-1" &&
      aws_security_group.functions.vpc_id == "vpc-1" &&
      aws_vpc_security_group_egress_rule.interfaces["existing-0"].referenced_security_group_id == "sg-1" &&
      aws_vpc_security_group_egress_rule.gateways["existing-0"].prefix_list_id == "pl-1"
    )
    error_message = "The functions are in those subnets, and reach the endpoints that are there."
  }
}
