# `make account` makes the bucket. The account's number is environment.tf.json's.
terraform {
  backend "s3" {
    bucket              = "sluice-staging-state-222222222222"
    key                 = "votes/terraform.tfstate"
    region              = "us-east-1"
    encrypt             = true
    use_lockfile        = true
    allowed_account_ids = ["222222222222"]
  }
}
