# Service by service, what Terraform calls to make a pipeline: `reads` are both roles', `applies`
# the apply role's alone. No message is read or sent here, and no row is listed.

locals {
  own = {
    for service in ["sqs", "scheduler", "cloudwatch", "logs", "lambda", "dynamodb"] :
    service => "${local.aws}:${service}:${local.region}:${local.account}"
  }
  # AWS makes a role of its own for each of these when it is first used in an account.
  with_roles = [
    "dynamodb.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com",
    "ops.apigateway.amazonaws.com",
  ]
  own_role = "${local.aws}:iam::${local.account}:role/${local.prefix}"

  calls = merge(local.calls_behind, local.calls_entrance, local.calls_website, local.calls_after, {
    queues = {
      reason  = "Queues and their policies; the name narrows it."
      reads   = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"]
      applies = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"]
      on      = ["${local.own.sqs}:${local.prefix}"]
      when    = null
    }
    tables = {
      reason = "Tables, their capacity, expiry and backups; the name narrows it."
      reads = [
        "dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource",
      ]
      applies = [
        "dynamodb:CreateTable", "dynamodb:UpdateTable", "dynamodb:DeleteTable",
        "dynamodb:UpdateTimeToLive", "dynamodb:UpdateContinuousBackups", "dynamodb:TagResource",
        "dynamodb:UntagResource",
      ]
      on   = ["${local.own.dynamodb}:table/${local.prefix}"]
      when = null
    }
    capacity = {
      reason = join(" ", [
        "Autoscaling of provisioned tables; a target has no name of its own, so the condition",
        "narrows it to tables.",
      ])
      reads = []
      applies = [
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:DeregisterScalableTarget",
        "application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy",
      ]
      on   = ["${local.aws}:application-autoscaling:${local.region}:${local.account}:scalable-target/*"]
      when = { StringEquals = { "application-autoscaling:service-namespace" = "dynamodb" } }
    }
    capacity_tags = {
      reason  = "The tags of those targets, which know no condition on the service."
      reads   = ["application-autoscaling:ListTagsForResource"]
      applies = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
      on      = ["${local.aws}:application-autoscaling:${local.region}:${local.account}:scalable-target/*"]
      when    = null
    }
    functions = {
      reason = join(" ", [
        "Functions, versions, aliases and who may invoke them; the name narrows it.",
        "Going back (make rollback) is UpdateAlias.",
      ])
      reads = [
        "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig",
        "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetAlias",
        "lambda:GetPolicy", "lambda:ListAliases", "lambda:ListTags",
        "lambda:ListVersionsByFunction", "lambda:GetFunctionEventInvokeConfig",
        "lambda:GetFunctionRecursionConfig",
      ]
      applies = [
        "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration", "lambda:PublishVersion",
        "lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency", "lambda:CreateAlias",
        "lambda:UpdateAlias", "lambda:DeleteAlias", "lambda:AddPermission",
        "lambda:RemovePermission", "lambda:TagResource", "lambda:UntagResource",
        "lambda:PutFunctionEventInvokeConfig", "lambda:UpdateFunctionEventInvokeConfig",
        "lambda:DeleteFunctionEventInvokeConfig", "lambda:PutFunctionRecursionConfig",
      ]
      on   = ["${local.own.lambda}:function:${local.prefix}"]
      when = null
    }
    mappings = {
      reason = join(" ", [
        "Event source mappings are known by a number, and before it is drawn by nothing:",
        "the condition on the function narrows it.",
      ])
      reads = ["lambda:GetEventSourceMapping"]
      applies = [
        "lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
      ]
      on   = ["*"]
      when = { StringLike = { "lambda:FunctionArn" = "${local.own.lambda}:function:${local.prefix}" } }
    }
    mapping_tags = {
      reason  = "The tags of those mappings, which know no condition on the function."
      reads   = ["lambda:ListTags"]
      applies = ["lambda:TagResource", "lambda:UntagResource"]
      on      = ["${local.own.lambda}:event-source-mapping:*"]
      when    = null
    }
    apis = {
      reason = join(" ", [
        "HTTP APIs are known by an id that AWS draws; the account is the environment's own, so all",
        "of its HTTP APIs are meant. A stage made with tags asks for TagResource by that name.",
      ])
      reads = ["apigateway:GET"]
      applies = [
        "apigateway:POST", "apigateway:PUT", "apigateway:PATCH", "apigateway:DELETE",
        "apigateway:TagResource", "apigateway:UntagResource",
      ]
      on   = [for path in ["apis", "apis/*", "tags/*"] : "${local.aws}:apigateway:${local.region}::/${path}"]
      when = null
    }
    log_groups = {
      reason = join(" ", [
        "The functions' and the API's log groups; the name narrows it.",
        "A line is read by FilterLogEvents only, which is not here.",
      ])
      reads = ["logs:ListTagsForResource"]
      applies = [
        "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy",
        "logs:DeleteRetentionPolicy", "logs:TagResource", "logs:UntagResource",
        "logs:AssociateKmsKey", "logs:DisassociateKmsKey",
      ]
      on = [
        for owner in ["lambda", "http-api", "vendedlogs/http-api"] :
        "${local.own.logs}:log-group:/aws/${owner}/${local.prefix}"
      ]
      when = null
    }
    log_delivery = {
      reason = "An API's access log: API Gateway asks these of whoever sets it up, and AWS knows no resource for them."
      reads = [
        "logs:DescribeLogGroups", "logs:DescribeResourcePolicies", "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
      ]
      applies = ["logs:CreateLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:PutResourcePolicy"]
      on      = ["*"]
      when    = null
    }
    alarms = {
      reason = "Alarms and dashboards, and the alarms that autoscaling makes for a table; the name narrows it."
      reads  = ["cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"]
      applies = [
        "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:PutDashboard",
        "cloudwatch:DeleteDashboards", "cloudwatch:TagResource", "cloudwatch:UntagResource",
      ]
      on = [
        "${local.own.cloudwatch}:alarm:${local.prefix}",
        "${local.own.cloudwatch}:alarm:TargetTracking-table/${local.prefix}",
        "${local.aws}:cloudwatch::${local.account}:dashboard/${local.prefix}",
      ]
      when = null
    }
    schedules = {
      reason  = "Schedules; the name narrows it."
      reads   = ["scheduler:GetSchedule"]
      applies = ["scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule"]
      on      = ["${local.own.scheduler}:schedule/default/${local.prefix}"]
      when    = null
    }
    buckets = {
      reason = join(" ", [
        "Buckets and their settings; the name narrows it, and the boundary keeps the state's and",
        "the artifacts' settings out. GetBucket* are settings all.",
      ])
      reads = [
        "s3:ListBucket", "s3:GetBucket*", "s3:GetAccelerateConfiguration",
        "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration", "s3:ListTagsForResource",
      ]
      applies = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy",
        "s3:PutBucketVersioning", "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls",
        "s3:PutBucketTagging", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
        "s3:TagResource", "s3:UntagResource", "s3:PutBucketNotification", "s3:PutBucketCORS",
      ]
      on   = ["${local.aws}:s3:::${local.prefix}"]
      when = null
    }
    roles = {
      reason = join(" ", [
        "What a role may do is changed only while it carries the pipeline's boundary, and it is",
        "made only with it.",
      ])
      reads = [
        "iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole", "iam:ListRoleTags",
      ]
      applies = []
      on      = [local.own_role]
      when    = null
    }
    bounded_roles = {
      reason = join(" ", [
        "These four say what a role may do; AWS tells the boundary of the role, or of the request,",
        "as a condition.",
      ])
      reads   = []
      applies = ["iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"]
      on      = [local.own_role]
      when    = { StringEquals = { "iam:PermissionsBoundary" = local.policy_arns.pipeline } }
    }
    role_trust = {
      reason = join(" ", [
        "Who may be a role, its description and tags, and its end.",
        "AWS knows no condition on the boundary for these, so the name narrows it.",
      ])
      reads = []
      applies = [
        "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
        "iam:DeleteRole", "iam:TagRole", "iam:UntagRole",
      ]
      on   = [local.own_role]
      when = null
    }
    passing = {
      reason = join(" ", [
        "Lambda and the scheduler get the roles that they run under, Roles Anywhere the one of a program",
        "on a customer's premises; no other service gets one.",
      ])
      reads   = []
      applies = ["iam:PassRole"]
      on      = [local.own_role]
      when = { StringEquals = { "iam:PassedToService" = [
        for service in ["lambda", "rolesanywhere", "scheduler"] : "${service}.amazonaws.com"
      ] } }
    }
    keys = {
      reason  = "A customer's key, where an environment names one (ADR 0005): for DynamoDB, by DynamoDB."
      reads   = ["kms:DescribeKey"]
      applies = ["kms:CreateGrant"]
      on      = ["${local.aws}:kms:${local.region}:${local.account}:key/*"]
      when    = { StringEquals = { "kms:ViaService" = "dynamodb.${local.region}.amazonaws.com" } }
    }
    service_role = {
      reason  = "The first autoscaled table, and the first API, of an account make AWS's own role for each."
      reads   = []
      applies = ["iam:CreateServiceLinkedRole"]
      on = [
        for service in local.with_roles :
        "${local.aws}:iam::${local.account}:role/aws-service-role/${service}/*"
      ]
      when = { StringEquals = { "iam:AWSServiceName" = local.with_roles } }
    }
    overview = {
      reason = "Lists, metrics and quotas that a plan, a soak and a preflight read; AWS knows no resource for them."
      reads = [
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies", "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "lambda:GetAccountSettings",
        "lambda:ListEventSourceMappings", "servicequotas:GetAWSDefaultServiceQuota",
        "servicequotas:GetServiceQuota",
      ]
      applies = []
      on      = ["*"]
      when    = null
    }
  })

  # As statements; a group without a condition has none.
  statements = { for kind in ["reads", "applies"] : kind => { for name, group in local.calls : name => merge(
    {
      Sid      = replace(title(replace(name, "_", " ")), " ", "")
      Effect   = "Allow"
      Action   = group[kind]
      Resource = group.on
    },
    { for key, condition in { Condition = group.when } : key => condition if condition != null },
  ) if length(group[kind]) > 0 } }
}
