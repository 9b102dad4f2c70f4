resource "aws_sqs_queue" "this" {
  for_each = { passing = "false", failing = "true" }

  name   = each.key
  policy = replace(local.tls_only, "\"false\"", "\"${each.value}\"")
}

resource "aws_s3_bucket" "this" {
  for_each = toset(["passing", "failing_objects"])
  bucket   = each.key
}

resource "aws_s3_bucket_policy" "this" {
  for_each = {
    passing         = ["arn:aws:s3:::passing", "arn:aws:s3:::passing/*"]
    failing_objects = ["arn:aws:s3:::failing_objects"]
  }

  bucket = aws_s3_bucket.this[each.key].id
  policy = replace(
    replace(local.tls_only, "sqs:", "s3:"),
    "\"Resource\":\"*\"",
    "\"Resource\":${jsonencode(each.value)}",
  )
}

resource "aws_s3_bucket" "failing_none" {
  bucket = "none"
}

resource "aws_sqs_queue" "unknown" {
  name = "unknown"
}

resource "aws_sqs_queue_policy" "unknown" {
  queue_url = aws_sqs_queue.unknown.url
  policy    = replace(local.tls_only, "\"*\"", aws_sqs_queue.unknown.arn)
}
