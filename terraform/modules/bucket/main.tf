data "aws_partition" "current" {}

locals {
  arn      = "arn:${data.aws_partition.current.partition}:s3:::${var.name}"
  expiring = { for key, p in var.prefixes : key => p if p.expire_after_days != null }

  service_statements = merge([
    for key, s in var.services : {
      "${key}Bucket" = { principal = s.principal, source = s.source, actions = s.bucket, on = local.arn }
      "${key}Objects" = {
        principal = s.principal
        source    = s.source
        actions   = s.objects
        on        = "${local.arn}/${s.prefix}*"
      }
    }
  ]...)
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18: An access log is a second bucket and a bill; CloudTrail has an account's data events.
  # checkov:skip=CKV_AWS_144: One region by design; a lost region takes the queues and tables with it too.
  # checkov:skip=CKV_AWS_145: S3's own key is free and always on; a customer's is an input (kms_key_arn), ADR 0005.
  # checkov:skip=CKV_AWS_21: Versioning is an input, on by default; objects named by their content gain nothing from it.
  # checkov:skip=CKV2_AWS_62: An input (notifications): most buckets tell nobody.
  bucket        = var.name
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    bucket_key_enabled = var.kms_key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = var.versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "leftovers"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
    noncurrent_version_expiration {
      noncurrent_days = var.old_versions_days
    }
  }

  dynamic "rule" {
    for_each = local.expiring
    content {
      id     = "expire-${rule.key}"
      status = "Enabled"
      filter {
        prefix = rule.value.prefix
      }
      expiration {
        days = rule.value.expire_after_days
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "tls_only" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for key, service in local.service_statements : {
        Sid       = key
        Effect    = "Allow"
        Principal = { Service = service.principal }
        Action    = sort(service.actions)
        Resource  = [service.on]
        Condition = { StringEquals = { "aws:SourceArn" = service.source } }
      } if length(service.actions) > 0],
    )
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# S3 tries each queue as it is set: its policy must let the bucket send by then, which the queue's ARN waits for.
resource "aws_s3_bucket_notification" "this" {
  count = length(var.notifications) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this.id

  dynamic "queue" {
    for_each = var.notifications
    content {
      id            = queue.key
      queue_arn     = queue.value.queue.arn
      events        = queue.value.events
      filter_prefix = queue.value.prefix == "" ? null : queue.value.prefix
      filter_suffix = queue.value.suffix == "" ? null : queue.value.suffix
    }
  }
}

resource "aws_s3_bucket_cors_configuration" "this" {
  count = var.cors == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  cors_rule {
    allowed_origins = var.cors.origins
    allowed_methods = var.cors.methods
    allowed_headers = var.cors.headers
    expose_headers  = var.cors.exposed
    max_age_seconds = var.cors.max_age_seconds
  }
}
