# Who read or wrote which object of the state's and the artifacts' buckets. Calls on objects are in
# no default trail; those that change settings are in CloudTrail's event history for 90 days anyway.

locals {
  trail = {
    name = "${var.name}-trail"
    arn  = "${local.aws}:cloudtrail:${local.region}:${local.account}:trail/${var.name}-trail"
  }
}

module "trail" {
  source = "../bucket"
  count  = var.trail.on ? 1 : 0

  name              = "${local.trail.name}-${local.account}"
  tags              = var.tags
  prefixes          = { events = { prefix = "AWSLogs/", expire_after_days = var.trail.keep_days } }
  old_versions_days = 30
  services = {
    cloudtrail = {
      principal = "cloudtrail.amazonaws.com"
      source    = local.trail.arn
      bucket    = ["s3:GetBucketAcl"]
      objects   = ["s3:PutObject"]
      prefix    = "AWSLogs/${local.account}/"
    }
  }
}

resource "aws_cloudtrail" "objects" {
  # checkov:skip=CKV_AWS_35: S3's own key is free and always on, as for the buckets whose events these are.
  # checkov:skip=CKV_AWS_67: The buckets are in one region, and so are the calls on them.
  # checkov:skip=CKV_AWS_252: It is read after the fact; alarms are on what a pipeline does.
  # checkov:skip=CKV2_AWS_10: It is read after the fact, from its bucket; log groups would cost more to keep.
  count = var.trail.on ? 1 : 0

  name                          = local.trail.name
  tags                          = var.tags
  s3_bucket_name                = module.trail[0].name
  enable_log_file_validation    = true
  include_global_service_events = false

  advanced_event_selector {
    name = "objects of the state and of the artifacts"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = ["${module.state.arn}/", "${module.artifacts.arn}/"]
    }
  }

  # its bucket's policy must be there
  depends_on = [module.trail]
}
