# As calls.tf: of what lies behind functions that reach something private, a network and its secrets.

locals {
  calls_behind = {
    secrets = {
      reason = join(" ", [
        "Secrets, such as a vendor's key or a database's password; the name narrows it.",
        "A person puts the value: neither role reads or writes one, so that none is in a state.",
      ])
      reads = ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"]
      applies = [
        "secretsmanager:CreateSecret", "secretsmanager:UpdateSecret", "secretsmanager:DeleteSecret",
        "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy",
        "secretsmanager:TagResource", "secretsmanager:UntagResource",
      ]
      on   = ["${local.aws}:secretsmanager:${local.region}:${local.account}:secret:${local.prefix}"]
      when = null
    }
    networks = {
      reason = join(" ", [
        "The network of functions that reach what is private, and its endpoints. Each is known by an",
        "id that AWS draws; the account is the environment's own, so all of its networks are meant.",
        "Interfaces are Lambda's: a subnet ends only after those it left.",
      ])
      reads = []
      applies = [
        "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute", "ec2:CreateSubnet",
        "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute", "ec2:CreateRouteTable",
        "ec2:DeleteRouteTable", "ec2:AssociateRouteTable", "ec2:DisassociateRouteTable",
        "ec2:ReplaceRouteTableAssociation",
        "ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup", "ec2:AuthorizeSecurityGroupIngress",
        "ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupEgress", "ec2:ModifySecurityGroupRules", "ec2:CreateVpcEndpoint",
        "ec2:ModifyVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:CreateTags", "ec2:DeleteTags",
        "ec2:DetachNetworkInterface", "ec2:DeleteNetworkInterface",
      ]
      on = [
        for kind in [
          "vpc", "subnet", "route-table", "security-group", "security-group-rule", "vpc-endpoint",
          "network-interface",
        ] : "${local.aws}:ec2:${local.region}:${local.account}:${kind}/*"
      ]
      when = null
    }
    ways = {
      reason = join(" ", [
        "The way from that network to a customer's premises: routes, and being attached to a gateway",
        "that somebody made. A VPN's connection and its keys are not here.",
      ])
      reads = []
      applies = [
        "ec2:CreateRoute", "ec2:ReplaceRoute", "ec2:DeleteRoute", "ec2:AttachVpnGateway",
        "ec2:DetachVpnGateway", "ec2:CreateVpnGateway", "ec2:DeleteVpnGateway",
        "ec2:CreateTransitGatewayVpcAttachment", "ec2:ModifyTransitGatewayVpcAttachment",
        "ec2:DeleteTransitGatewayVpcAttachment", "ec2:CreateTags", "ec2:DeleteTags",
      ]
      on = [
        for kind in [
          "vpc", "subnet", "route-table", "vpn-gateway", "transit-gateway", "transit-gateway-attachment",
        ] : "${local.aws}:ec2:${local.region}:${local.account}:${kind}/*"
      ]
      when = null
    }
    direct_connects = {
      reason = "A Direct Connect's gateway that the way leads to; only its associations are changed, by both ends' ids."
      reads  = ["directconnect:DescribeDirectConnectGatewayAssociations", "directconnect:DescribeDirectConnectGateways"]
      applies = [
        "directconnect:CreateDirectConnectGatewayAssociation",
        "directconnect:UpdateDirectConnectGatewayAssociation",
        "directconnect:DeleteDirectConnectGatewayAssociation",
      ]
      on   = ["${local.aws}:directconnect::${local.account}:dx-gateway/*"]
      when = null
    }
    outsiders = {
      reason = join(" ", [
        "By which role a program outside of AWS comes in, with a certificate of a CA that the",
        "administrator registered: profiles are known by an id that AWS draws. Registering a CA is",
        "not here, for whom an account trusts is not a pipeline's to say.",
      ])
      reads = ["rolesanywhere:GetProfile", "rolesanywhere:ListTagsForResource"]
      applies = [
        "rolesanywhere:CreateProfile", "rolesanywhere:UpdateProfile", "rolesanywhere:DeleteProfile",
        "rolesanywhere:EnableProfile", "rolesanywhere:DisableProfile", "rolesanywhere:TagResource",
        "rolesanywhere:UntagResource",
      ]
      on   = ["${local.aws}:rolesanywhere:${local.region}:${local.account}:profile/*"]
      when = null
    }
    networks_seen = {
      reason = join(" ", [
        "What is there of a network, which whoever sets a function into one is asked for too;",
        "AWS knows no resource for these, so the condition narrows them to the region.",
      ])
      reads = [
        "ec2:DescribeVpcs", "ec2:DescribeVpcAttribute", "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules", "ec2:DescribeRouteTables",
        "ec2:DescribeNetworkAcls", "ec2:DescribeNetworkInterfaces", "ec2:DescribeVpcEndpoints",
        "ec2:DescribePrefixLists", "ec2:DescribeAvailabilityZones", "ec2:DescribeVpnGateways",
        "ec2:DescribeTransitGatewayVpcAttachments", "ec2:DescribeTransitGatewayAttachments",
      ]
      applies = []
      on      = ["*"]
      when    = { StringEquals = { "ec2:Region" = local.region } }
    }
  }
}
