# `make account` makes the bucket. Another account: replace its number here, in sizing.tf, and in account/account.tf and account/backend.tf.
terraform {
  backend "s3" {
    bucket              = "sluice-prod-state-333333333333"
    key                 = "votes/terraform.tfstate"
    region              = "us-east-1"
    encrypt             = true
    use_lockfile        = true
    allowed_account_ids = ["333333333333"]
  }
}
