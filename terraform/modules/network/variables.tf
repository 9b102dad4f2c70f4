variable "name" {
  description = "Prefix of every name in the network, such as \"sluice-prod-receipts\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,49}$", var.name))
    error_message = "name must be 2-50 lower-case letters, digits or '-' and start with a letter."
  }
}

variable "cidr" {
  description = <<-EOT
    Addresses of a VPC that is made, with a private subnet in each of two zones; null (default) where
    there is one already (existing).
  EOT
  type        = string
  default     = null

  validation {
    condition = var.cidr == null ? true : (
      can(cidrnetmask(var.cidr)) ? (
        tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 27 &&
        cidrhost(var.cidr, 0) == split("/", var.cidr)[0]
      ) : false
    )
    error_message = join(" ", [
      "cidr must be IPv4 addresses such as \"10.64.0.0/26\", from /16 to /27, with no bit set behind the",
      "prefix: AWS takes no smaller subnet than /28, and there are two.",
    ])
  }
}

variable "existing" {
  description = <<-EOT
    A VPC that is there, in place of one that is made: its id, private subnets in two zones or more,
    the route tables of these (default none) that gateway endpoints are put into, and security groups
    and prefix lists of endpoints that are there already (default none); null (default) for none.
  EOT
  type = object({
    vpc_id                      = string
    subnet_ids                  = list(string)
    route_table_ids             = optional(list(string), [])
    endpoint_security_group_ids = optional(list(string), [])
    endpoint_prefix_list_ids    = optional(list(string), [])
  })
  default = null

  validation {
    condition     = (var.cidr == null) != (var.existing == null)
    error_message = "Set cidr for a VPC that is made, or existing for one that is there: one of the two."
  }
  validation {
    condition     = var.existing == null ? true : length(distinct(var.existing.subnet_ids)) >= 2
    error_message = "existing.subnet_ids must be two or more, in different zones: a zone that fails must not be all."
  }
}

variable "premises" {
  description = <<-EOT
    Where the database stands: its addresses there, best each a /32, and its one port (default 5432);
    functions in the network reach these and the endpoints, and nothing else.
  EOT
  type = object({
    cidrs = set(string)
    port  = optional(number, 5432)
  })
  nullable = false

  validation {
    condition = length(var.premises.cidrs) > 0 && alltrue([
      for c in var.premises.cidrs : can(cidrnetmask(c)) ? tonumber(split("/", c)[1]) >= 16 : false
    ])
    error_message = join(" ", [
      "premises.cidrs must be at least one, such as \"10.20.30.40/32\", and none wider than /16: it is",
      "the way out of the network, so name the database and no more.",
    ])
  }
  validation {
    condition     = floor(var.premises.port) == min(max(var.premises.port, 1), 65535)
    error_message = "premises.port must be 1-65535: the one port of the database, 5432 for PostgreSQL."
  }
  validation {
    # two ranges overlap where they are one under the shorter prefix
    condition = var.cidr == null ? true : alltrue([
      for c in var.premises.cidrs : try(
        cidrhost("${split("/", c)[0]}/${min(split("/", c)[1], split("/", var.cidr)[1])}", 0) !=
        cidrhost("${split("/", var.cidr)[0]}/${min(split("/", c)[1], split("/", var.cidr)[1])}", 0),
        true,
      )
    ])
    error_message = join(" ", [
      "cidr overlaps premises.cidrs, and a VPC never sends its own addresses elsewhere: give cidr a",
      "range that is used neither here nor on the premises.",
    ])
  }
}

variable "way" {
  description = <<-EOT
    What leads to the premises, at most one of: a virtual private gateway that a VPN or a Direct
    Connect ends at, a transit gateway, or a Direct Connect gateway, for which a virtual private
    gateway is made (default none of them: routes are somebody else's).
  EOT
  type = object({
    vpn_gateway_id            = optional(string)
    transit_gateway_id        = optional(string)
    direct_connect_gateway_id = optional(string)
  })
  default  = {}
  nullable = false

  validation {
    condition     = length([for id in values(var.way) : id if id != null]) <= 1
    error_message = "way takes one of vpn_gateway_id, transit_gateway_id and direct_connect_gateway_id, and not two."
  }
  validation {
    condition     = var.existing == null || length([for id in values(var.way) : id if id != null]) == 0
    error_message = "way is for a VPC that is made: one that is there (existing) has its routes. Leave way out."
  }
}

variable "endpoints" {
  description = <<-EOT
    AWS's services that functions in the network call: by a gateway, which is free (gateway, s3 and
    dynamodb, default both), and by an interface in each zone, paid by the hour (interface, default
    secretsmanager and sqs).
  EOT
  type = object({
    gateway   = optional(set(string), ["s3", "dynamodb"])
    interface = optional(set(string), ["secretsmanager", "sqs"])
  })
  default  = {}
  nullable = false

  validation {
    condition     = length(setsubtract(var.endpoints.gateway, ["s3", "dynamodb"])) == 0
    error_message = "endpoints.gateway must be of s3 and dynamodb: AWS has no other gateways; name it in interface."
  }
  validation {
    condition     = alltrue([for s in var.endpoints.interface : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)*$", s))])
    error_message = "endpoints.interface must be services' short names, such as \"sqs\" (com.amazonaws.<region>.sqs)."
  }
  validation {
    condition     = length(setintersection(var.endpoints.interface, ["s3", "dynamodb"])) == 0
    error_message = "endpoints.interface must not name s3 or dynamodb: their gateways do the same and cost nothing."
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
