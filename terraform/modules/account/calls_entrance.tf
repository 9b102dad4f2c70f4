# As calls.tf: of the entrances beside an HTTP API.

locals {
  own_balancers = "${local.aws}:elasticloadbalancing:${local.region}:${local.account}"

  calls_entrance = {
    function_urls = {
      reason  = "Addresses of functions themselves; the name narrows it."
      reads   = ["lambda:GetFunctionUrlConfig"]
      applies = ["lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig", "lambda:DeleteFunctionUrlConfig"]
      on      = ["${local.own.lambda}:function:${local.prefix}"]
      when    = null
    }
    balancers = {
      reason = "Load balancers, their listeners, rules and groups of functions; the name narrows it."
      reads  = []
      applies = [
        "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:SetSubnets",
        "elasticloadbalancing:SetSecurityGroups", "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:CreateWebACLAssociation", "elasticloadbalancing:DeleteWebACLAssociation",
        "elasticloadbalancing:GetLoadBalancerWebACL", # a plan reads wafv2:GetWebACLForResource, and its policy is full
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:DeleteListener", "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes", "elasticloadbalancing:CreateRule",
        "elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule",
        "elasticloadbalancing:SetRulePriorities", "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:CreateTrustStore",
        "elasticloadbalancing:DeleteTrustStore", "elasticloadbalancing:ModifyTrustStore",
        "elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags",
      ]
      on = [
        for kind in ["loadbalancer/app", "listener/app", "listener-rule/app", "targetgroup", "truststore"] :
        "${local.own_balancers}:${kind}/${local.prefix}"
      ]
      when = null
    }
    balancers_seen = {
      reason = join(" ", [
        "What load balancers there are, and that one gets a web ACL of ours: AWS knows no resource for",
        "these.",
      ])
      reads = [
        "elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeCapacityReservation", "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeListenerAttributes", "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetHealth", "elasticloadbalancing:DescribeTrustStores",
        "elasticloadbalancing:DescribeTags",
      ]
      applies = ["elasticloadbalancing:SetWebAcl"]
      on      = ["*"]
      when    = null
    }
    floods = {
      reason = "WAF's rules on how much a client may ask, and the load balancer they are for; the name narrows it."
      reads  = ["wafv2:GetWebACL", "wafv2:GetWebACLForResource", "wafv2:ListTagsForResource"]
      applies = [
        "wafv2:CreateWebACL", "wafv2:UpdateWebACL", "wafv2:DeleteWebACL", "wafv2:AssociateWebACL",
        "wafv2:DisassociateWebACL", "wafv2:TagResource", "wafv2:UntagResource",
      ]
      on = [
        "${local.aws}:wafv2:${local.region}:${local.account}:regional/webacl/${local.prefix}",
        "${local.own_balancers}:loadbalancer/app/${local.prefix}",
      ]
      when = null
    }
  }
}
