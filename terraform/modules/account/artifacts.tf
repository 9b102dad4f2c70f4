# What goes from a commit to production: zips by their hash, and reviewed plans, which hold settings and are short-lived.

module "artifacts" {
  source = "../bucket"

  name = "${var.name}-artifacts-${local.account}"
  prefixes = {
    packages = { prefix = "packages/" }
    plans    = { prefix = "plans/", expire_after_days = var.keep.plan_days }
  }
  old_versions_days = var.keep.deleted_artifact_days
}
