data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  bucket = "${var.name}-${data.aws_caller_identity.current.account_id}"
  files  = fileset(var.folder, "**")
  types = {
    css   = "text/css; charset=utf-8"
    html  = "text/html; charset=utf-8"
    ico   = "image/x-icon"
    js    = "text/javascript; charset=utf-8"
    json  = "application/json"
    png   = "image/png"
    svg   = "image/svg+xml"
    txt   = "text/plain; charset=utf-8"
    webp  = "image/webp"
    woff2 = "font/woff2"
  }

  # Nothing but what the page brings along, and the API that it talks to.
  content_security_policy = join("; ", [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    join(" ", concat(["connect-src 'self'"], var.connects_to)),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])

  origin = "site"
}

module "files" {
  source = "../bucket"

  name          = local.bucket
  force_destroy = true # they are in the repository
  services = {
    CloudFront = {
      principal = "cloudfront.amazonaws.com"
      source    = aws_cloudfront_distribution.this.arn
      objects   = ["s3:GetObject"]
    }
  }
  tags = var.tags
}

resource "aws_s3_object" "file" {
  # checkov:skip=CKV_AWS_186: S3's own key is free and always on, and everybody may read these.
  for_each = local.files

  bucket        = module.files.name
  key           = each.value
  source        = "${var.folder}/${each.value}"
  source_hash   = filesha256("${var.folder}/${each.value}")
  content_type  = lookup(local.types, lower(element(split(".", each.value), -1)), "application/octet-stream")
  cache_control = "max-age=${var.cache_seconds}"
  tags          = var.tags
}

resource "aws_s3_object" "config" {
  # checkov:skip=CKV_AWS_186: S3's own key is free and always on, and everybody may read it.
  bucket        = module.files.name
  key           = "config.json"
  content       = var.config
  content_type  = "application/json"
  cache_control = "no-cache"
  tags          = var.tags
}

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = var.name
  description                       = "Lets the distribution alone read the bucket."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  # checkov:skip=CKV_AWS_259: All but preload: browsers' own list is the domain's owner's to join, and hard to leave.
  name    = var.name
  comment = "The page may load what it brings along, and talk to its API."

  security_headers_config {
    content_security_policy {
      content_security_policy = local.content_security_policy
      override                = true
    }
    strict_transport_security {
      access_control_max_age_sec = 63072000 # two years
      include_subdomains         = true
      preload                    = false
      override                   = true
    }
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_68: A web ACL is an input (web_acl_arn): it costs more than the site.
  # checkov:skip=CKV2_AWS_47: As above: what the rules are is the web ACL's.
  # checkov:skip=CKV_AWS_86: An input (logs_bucket): a log is a second bucket and a bill.
  # checkov:skip=CKV_AWS_310: One bucket, in one region, of files that are in the repository.
  # checkov:skip=CKV_AWS_374: Who may see the page is not told by country.
  # checkov:skip=CKV_AWS_174: With a domain TLS 1.2; CloudFront's own name takes no such choice.
  # checkov:skip=CKV2_AWS_42: A certificate of one's own is an input (domain).
  enabled             = true
  comment             = var.name
  default_root_object = "index.html"
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.price_class
  aliases             = var.domain == null ? [] : [var.domain.name]
  web_acl_id          = var.web_acl_arn
  tags                = var.tags

  origin {
    origin_id                = local.origin
    domain_name              = "${local.bucket}.s3.${data.aws_region.current.region}.amazonaws.com"
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  default_cache_behavior {
    target_origin_id           = local.origin
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6" # AWS's own: CachingOptimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id
  }

  dynamic "logging_config" {
    for_each = var.logs_bucket == null ? [] : [var.logs_bucket]
    content {
      bucket          = logging_config.value
      prefix          = "${var.name}/"
      include_cookies = false
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domain == null ? true : null
    acm_certificate_arn            = try(var.domain.certificate_arn, null)
    ssl_support_method             = var.domain == null ? null : "sni-only"
    minimum_protocol_version       = var.domain == null ? null : "TLSv1.2_2021"
  }
}
