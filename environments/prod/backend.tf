# `make account` makes the bucket. The account's number is environment.tf.json's.
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
