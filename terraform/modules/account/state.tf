# The state of every pipeline in the account, and under account/ that of this module.

module "state" {
  source = "../bucket"

  name              = "${var.name}-state-${local.account}"
  tags              = var.tags
  old_versions_days = var.keep.old_state_days
}

# Terraform refuses whatever would destroy or rename the bucket; a lifecycle cannot be handed to a
# module, so this stands for it.
resource "terraform_data" "state_stays" {
  triggers_replace = [module.state.name]

  lifecycle {
    prevent_destroy = true
  }
}
