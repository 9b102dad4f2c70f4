# What goes from a commit to production: zips by their hash, and by the tree what was reviewed of its
# plan, a digest and a text. Nothing here expires: where a digest did, another could be put.

module "artifacts" {
  source = "../bucket"

  name = "${var.name}-artifacts-${local.account}"
  tags = var.tags
  prefixes = {
    packages = { prefix = "packages/" }
    reviews  = { prefix = "reviews/" }
  }
  old_versions_days = var.keep.deleted_artifact_days
}
