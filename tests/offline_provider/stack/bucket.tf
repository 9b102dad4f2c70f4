resource "aws_s3_bucket" "b" {
  bucket        = "b-${data.aws_caller_identity.me.account_id}"
  force_destroy = local.two
}

resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}

resource "aws_s3_bucket_ownership_controls" "b" {
  bucket = aws_s3_bucket.b.id
  rule { object_ownership = "BucketOwnerEnforced" }
}

resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter { prefix = "quarantine/" }
    expiration { days = local.two ? 60 : 90 }
    noncurrent_version_expiration { noncurrent_days = 7 }
    abort_incomplete_multipart_upload { days_after_initiation = 1 }
  }
}

resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_sqs_queue_policy" "told" {
  queue_url = aws_sqs_queue.plain_dead.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.plain_dead.arn
      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:s3:::b-${data.aws_caller_identity.me.account_id}" } }
    }]
  })
}

resource "aws_s3_bucket_notification" "b" {
  bucket = aws_s3_bucket.b.id
  queue {
    id            = "plain"
    queue_arn     = aws_sqs_queue.plain_dead.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = local.two ? "out/" : "in/"
  }
  depends_on = [aws_sqs_queue_policy.told]
}
