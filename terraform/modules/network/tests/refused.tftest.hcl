# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b"] }
  }
}

variables {
  name     = "acme-receipts"
  cidr     = "10.64.0.0/26"
  premises = { cidrs = ["10.20.30.40/32"] }
}

run "no_network_at_all" {
  command = plan
  variables { cidr = null }
  expect_failures = [var.existing]
}

run "two_networks" {
  command = plan
  variables {
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  }
  expect_failures = [var.existing]
}

run "a_network_too_small_for_two_subnets" {
  command = plan
  variables { cidr = "10.64.0.0/28" }
  expect_failures = [var.cidr]
}

run "a_network_with_bits_behind_its_prefix" {
  command = plan
  variables { cidr = "10.64.0.1/26" }
  expect_failures = [var.cidr]
}

run "the_same_addresses_here_and_there" {
  command = plan
  variables { premises = { cidrs = ["10.64.0.0/24"] } }
  expect_failures = [var.premises]
}

run "a_way_out_to_everywhere" {
  command = plan
  variables { premises = { cidrs = ["0.0.0.0/0"] } }
  expect_failures = [var.premises]
}

run "a_port_that_is_none" {
  command = plan
  variables { premises = { cidrs = ["10.20.30.40/32"], port = 0 } }
  expect_failures = [var.premises]
}

run "two_ways" {
  command = plan
  variables { way = { vpn_gateway_id = "vgw-1", transit_gateway_id = "tgw-1" } }
  expect_failures = [var.way]
}

run "a_zone_that_is_all" {
  command = plan
  variables {
    cidr     = null
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1"], route_table_ids = ["rtb-1"] }
  }
  expect_failures = [var.existing]
}

run "a_gateway_endpoint_in_no_table" {
  command = plan
  variables {
    cidr     = null
    existing = { vpc_id = "vpc-1", subnet_ids = ["subnet-1", "subnet-2"] }
  }
  expect_failures = [aws_vpc_endpoint.gateway]
}

run "an_interface_where_a_gateway_is_free" {
  command = plan
  variables { endpoints = { interface = ["s3"] } }
  expect_failures = [var.endpoints]
}

run "a_gateway_that_aws_has_not" {
  command = plan
  variables { endpoints = { gateway = ["sqs"], interface = [] } }
  expect_failures = [var.endpoints]
}
