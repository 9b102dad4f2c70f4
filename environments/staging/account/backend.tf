# The account's state lies in the bucket that it makes: `make account` begins with a local state and moves it.
terraform {
  backend "s3" {
    bucket              = "sluice-staging-state-222222222222"
    key                 = "account/terraform.tfstate"
    region              = "us-east-1"
    encrypt             = true
    use_lockfile        = true
    allowed_account_ids = ["222222222222"]
  }
}
