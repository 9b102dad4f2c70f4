# What is this account's own. Applied once by the account's administrator: make account ENV=staging
locals {
  environment = "staging"
  account_id  = "222222222222" # replace with your own staging account's number: here, in backend.tf, ../sizing.tf and ../backend.tf
  region      = "us-east-1"

  # The repository as GitHub's tokens name it: its OIDC settings show "repo:your-org/sluice", or with ids where subjects are immutable.
  repository = "your-org/sluice"

  budget = {
    dollars = 200
    emails  = ["cloud-costs@example.com"]
  }
}
