locals {
  read_key = var.kms_key_arn == null ? null : { arn = var.kms_key_arn, actions = ["kms:Decrypt"], service = "s3" }
  write_key = var.kms_key_arn == null ? null : {
    arn     = var.kms_key_arn
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    service = "s3"
  }
}

output "name" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.bucket
}

output "arn" {
  description = "ARN of the bucket, known at plan time; what refers to it waits for the bucket and its policy."
  value       = local.arn
  depends_on  = [aws_s3_bucket.this, aws_s3_bucket_policy.tls_only]
}

output "put" {
  description = "Statement for a function's allows, for each of prefixes: may put objects there."
  value = {
    for key, p in var.prefixes :
    key => { actions = ["s3:PutObject"], resources = ["${local.arn}/${p.prefix}*"], key = local.write_key }
  }
}

output "get" {
  description = "Statement for a function's allows, for each of prefixes: may get objects there."
  value = {
    for key, p in var.prefixes :
    key => { actions = ["s3:GetObject"], resources = ["${local.arn}/${p.prefix}*"], key = local.read_key }
  }
}

output "list" {
  description = <<-EOT
    Statement for a function's allows: may list the bucket. Who reads what may not be there needs it
    too: without it S3 answers 403, as if it were forbidden.
  EOT
  value       = { actions = ["s3:ListBucket"], resources = [local.arn], key = null }
}
