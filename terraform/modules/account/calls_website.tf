# As calls.tf: of a page on the internet, where a pipeline has one.

locals {
  own_edge = "${local.aws}:cloudfront::${local.account}"
  # A star before "-page" would be any key of any bucket that has it in its name.
  page = "${local.aws}:s3:::${var.name}-votes-page-${local.account}"

  calls_website = {
    site_files = {
      reason = join(" ", [
        "The files of the voting page, which are in the repository, and no other bucket's: its name is",
        "written out.",
      ])
      reads = [] # beside the state's, in roles.tf: the policy of reads is full
      applies = [
        "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions",
      ]
      on   = [local.page, "${local.page}/*"]
      when = null
    }
    edge = {
      reason = join(" ", [
        "A distribution, its headers and what it signs with are known by ids that CloudFront draws; the",
        "account is the environment's own, so all of them are meant.",
      ])
      reads = [
        "cloudfront:GetDistribution", "cloudfront:GetOriginAccessControl",
        "cloudfront:GetResponseHeadersPolicy", "cloudfront:ListTagsForResource",
      ]
      applies = [
        "cloudfront:UpdateDistribution", "cloudfront:DeleteDistribution", "cloudfront:UpdateOriginAccessControl",
        "cloudfront:DeleteOriginAccessControl", "cloudfront:UpdateResponseHeadersPolicy",
        "cloudfront:DeleteResponseHeadersPolicy", "cloudfront:TagResource", "cloudfront:UntagResource",
      ]
      on   = ["${local.own_edge}:*"]
      when = null
    }
    edge_made = {
      reason = "The same where they are made: AWS knows no resource for that."
      reads  = []
      applies = [
        "cloudfront:CreateDistribution", "cloudfront:CreateOriginAccessControl",
        "cloudfront:CreateResponseHeadersPolicy",
      ]
      on   = ["*"]
      when = null
    }
  }
}
