# Planned with the attached provider: private files, one reader, and headers that let in nothing else.

provider "aws" {
  region = "us-east-1"
}

variables {
  name        = "shop-vote"
  folder      = "./tests/site"
  config      = "{\"api\": \"https://votes.example.com\"}"
  connects_to = ["https://votes.example.com"]
}

run "a_private_bucket_that_one_distribution_reads" {
  command = plan

  assert {
    condition = (
      aws_cloudfront_origin_access_control.this.signing_behavior == "always" &&
      aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    )
    error_message = "CloudFront signs what it asks the bucket, and answers by HTTPS alone."
  }
  assert {
    condition     = keys(aws_s3_object.file) == ["index.html"] && aws_s3_object.config.cache_control == "no-cache"
    error_message = "The folder's files are there, and the config is always asked for."
  }
  assert {
    condition     = aws_s3_object.file["index.html"].content_type == "text/html; charset=utf-8"
    error_message = "A file says what it is."
  }
}

run "headers" {
  command = plan

  assert {
    condition = strcontains(
      local.content_security_policy,
      "default-src 'none'; script-src 'self';",
    )
    error_message = "The page loads what it brings along, and nothing else."
  }
  assert {
    condition = strcontains(
      local.content_security_policy,
      "connect-src 'self' https://votes.example.com;",
    )
    error_message = "The page talks to its API, and to nobody else."
  }
  assert {
    condition = one([
      for headers in aws_cloudfront_response_headers_policy.this.security_headers_config :
      headers.content_security_policy[0].content_security_policy == local.content_security_policy
    ])
    error_message = "CloudFront sends the policy."
  }
  assert {
    condition = one([
      for headers in aws_cloudfront_response_headers_policy.this.security_headers_config :
      headers.strict_transport_security[0].access_control_max_age_sec >= 31536000
    ])
    error_message = "Browsers keep to HTTPS for a year at least."
  }
}

run "a_domain_of_ones_own" {
  command = plan

  variables {
    domain = {
      name            = "vote.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555"
    }
    web_acl_arn = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/shop/11111111-2222-3333-4444-555555555555"
    logs_bucket = "logs-000000000000.s3.amazonaws.com"
  }

  assert {
    condition = (
      aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" &&
      output.url == "https://vote.example.com" &&
      length(aws_cloudfront_distribution.this.logging_config) == 1
    )
    error_message = "TLS 1.2 is the least, and the site has the domain's address."
  }
}
