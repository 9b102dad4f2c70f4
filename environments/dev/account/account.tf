# What is this account's own. Applied once by the account's administrator: make account ENV=dev
locals {
  environment = "dev"
  account_id  = "111111111111" # replace with your own dev account's number: here, in backend.tf, ../sizing.tf and ../backend.tf
  region      = "us-east-1"

  # The repository as GitHub's tokens name it: its OIDC settings show "repo:your-org/sluice", or with ids where subjects are immutable.
  repository = "your-org/sluice"

  budget = {
    dollars = 50
    emails  = ["cloud-costs@example.com"]
  }
}
