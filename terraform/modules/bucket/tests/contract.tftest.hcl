# Planned with the attached provider: private, encrypted, TLS only, and statements for one prefix.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "orders-000000000000"
  prefixes = { wrong = { prefix = "wrong/", expire_after_days = 30 }, kept = { prefix = "kept/" } }
}

run "a_private_bucket" {
  command = plan

  assert {
    condition     = alltrue([for on in [aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy, aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets] : on])
    error_message = "All four public access blocks are on."
  }
  assert {
    condition     = jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement[0].Resource == ["arn:aws:s3:::orders-000000000000", "arn:aws:s3:::orders-000000000000/*"]
    error_message = "Plain HTTP is refused for the bucket and what is in it."
  }
  assert {
    condition     = output.put["wrong"].resources == ["arn:aws:s3:::orders-000000000000/wrong/*"] && output.put["wrong"].actions == ["s3:PutObject"]
    error_message = "A statement is for one prefix."
  }
  assert {
    condition     = toset(aws_s3_bucket_lifecycle_configuration.this.rule[*].id) == toset(["leftovers", "expire-wrong"])
    error_message = "Only prefixes with an age expire, and leftovers of uploads always do."
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "The default key is S3's own."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy && aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "Nothing is lost unless told so."
  }
}

run "a_key_comes_with_its_grants" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled && output.put["kept"].key.actions == ["kms:Decrypt", "kms:GenerateDataKey"]
    error_message = "A bucket key keeps requests few, and who puts may use the key."
  }
}
