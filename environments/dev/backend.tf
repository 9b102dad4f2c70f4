# `make account` makes the bucket. The account's number is environment.tf.json's.
terraform {
  backend "s3" {
    bucket              = "sluice-dev-state-111111111111"
    key                 = "votes/terraform.tfstate"
    region              = "us-east-1"
    encrypt             = true
    use_lockfile        = true
    allowed_account_ids = ["111111111111"]
  }
}
