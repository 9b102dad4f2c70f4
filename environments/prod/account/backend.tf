# The account's state lies in the bucket that it makes: `make account` begins with a local state and moves it.
terraform {
  backend "s3" {
    bucket              = "sluice-prod-state-333333333333"
    key                 = "account/terraform.tfstate"
    region              = "us-east-1"
    encrypt             = true
    use_lockfile        = true
    allowed_account_ids = ["333333333333"]
  }
}
