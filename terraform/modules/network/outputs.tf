output "vpc" {
  description = "What the function module takes as its vpc: subnets and the functions' security group."
  value       = { subnet_ids = local.subnet_ids, security_group_ids = [aws_security_group.functions.id] }
  # a function that runs before its way is there fails
  depends_on = [
    aws_vpc_security_group_egress_rule.premises, aws_vpc_security_group_egress_rule.interfaces,
    aws_vpc_security_group_egress_rule.gateways, aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface,
    aws_route_table_association.private, aws_route.premises,
  ]
}

output "vpc_id" {
  description = "Id of the VPC, such as for a private hosted zone that names the database."
  value       = local.vpc_id
}

output "endpoints" {
  description = "Id of each endpoint, by service."
  value       = { for service, one in merge(aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface) : service => one.id }
}

output "vpn_gateway_id" {
  description = "Id of the virtual private gateway that leads to the premises; null where another does."
  value       = local.by_gateway ? local.vpn_gateway_id : null
}
