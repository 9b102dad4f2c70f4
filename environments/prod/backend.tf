# The state's bucket is made once in the account. Another account: replace its number here and in sizing.tf.
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
