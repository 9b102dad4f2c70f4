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
    condition = alltrue([
      for on in [
        aws_s3_bucket_public_access_block.this.block_public_acls,
        aws_s3_bucket_public_access_block.this.block_public_policy,
        aws_s3_bucket_public_access_block.this.ignore_public_acls,
        aws_s3_bucket_public_access_block.this.restrict_public_buckets,
      ] :
      on
    ])
    error_message = "All four public access blocks are on."
  }
  assert {
    condition = (
      jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement[0].Resource
      == ["arn:aws:s3:::orders-000000000000", "arn:aws:s3:::orders-000000000000/*"]
    )
    error_message = "Plain HTTP is refused for the bucket and what is in it."
  }
  assert {
    condition = (
      output.put["wrong"].resources == ["arn:aws:s3:::orders-000000000000/wrong/*"] &&
      output.put["wrong"].actions == ["s3:PutObject"]
    )
    error_message = "A statement is for one prefix."
  }
  assert {
    condition     = toset(aws_s3_bucket_lifecycle_configuration.this.rule[*].id) == toset(["leftovers", "expire-wrong"])
    error_message = "Only prefixes with an age expire, and leftovers of uploads always do."
  }
  assert {
    condition = (
      one(
        one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default
      ).sse_algorithm
      == "AES256"
    )
    error_message = "The default key is S3's own."
  }
  assert {
    condition = (
      !aws_s3_bucket.this.force_destroy &&
      aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    )
    error_message = "Nothing is lost unless told so."
  }
}

run "a_key_comes_with_its_grants" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
  }

  assert {
    condition = (
      one(aws_s3_bucket_server_side_encryption_configuration.this.rule).bucket_key_enabled &&
      output.put["kept"].key.actions == ["kms:Decrypt", "kms:GenerateDataKey"]
    )
    error_message = "A bucket key keeps requests few, and who puts may use the key."
  }
}

run "a_service_writes_for_one_source" {
  command = plan

  variables {
    services = {
      trail = {
        principal = "cloudtrail.amazonaws.com"
        source    = "arn:aws:cloudtrail:us-east-1:000000000000:trail/orders"
        objects   = ["s3:PutObject"]
        prefix    = "kept/"
      }
    }
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement[1] == {
      Sid       = "trailObjects"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["arn:aws:s3:::orders-000000000000/kept/*"]
      Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:000000000000:trail/orders" } }
    }
    error_message = "One service, for one source, on one prefix."
  }
  assert {
    condition     = length(jsondecode(aws_s3_bucket_policy.tls_only.policy).Statement) == 2
    error_message = "Without an action on the bucket there is no statement for it."
  }
}

run "a_queue_hears_and_a_page_may_put" {
  command = plan

  variables {
    notifications = {
      wrong = { queue = { arn = "arn:aws:sqs:us-east-1:000000000000:wrong", fifo = false }, prefix = "wrong/" }
      kept  = { queue = { arn = "arn:aws:sqs:us-east-1:000000000000:kept", fifo = false }, prefix = "kept/" }
    }
    cors = { origins = ["https://app.example.com"] }
  }

  assert {
    condition = {
      for q in aws_s3_bucket_notification.this[0].queue : q.filter_prefix => "${one(q.events)} ${q.queue_arn}"
      } == {
      "wrong/" = "s3:ObjectCreated:* arn:aws:sqs:us-east-1:000000000000:wrong"
      "kept/"  = "s3:ObjectCreated:* arn:aws:sqs:us-east-1:000000000000:kept"
    }
    error_message = "Each queue hears of its own objects."
  }
  assert {
    condition = (
      one(aws_s3_bucket_cors_configuration.this[0].cors_rule).allowed_origins == toset(["https://app.example.com"]) &&
      one(aws_s3_bucket_cors_configuration.this[0].cors_rule).allowed_methods == toset(["PUT"])
    )
    error_message = "One origin may put, and no more."
  }
}

run "by_default_nobody_hears_and_no_page_may" {
  command = plan

  assert {
    condition     = length(aws_s3_bucket_notification.this) + length(aws_s3_bucket_cors_configuration.this) == 0
    error_message = "What is not asked for is not there."
  }
}
