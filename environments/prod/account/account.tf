# What is this account's own. Applied once by the account's administrator: make account ENV=prod
locals {
  environment = "prod"
  account_id  = "333333333333" # replace with your own prod account's number: here, in backend.tf, ../sizing.tf and ../backend.tf
  region      = "us-east-1"

  # The repository as GitHub's tokens name it: its OIDC settings show "repo:your-org/sluice", or with ids where subjects are immutable.
  repository = "your-org/sluice"

  budget = {
    dollars = 1000
    emails  = ["cloud-costs@example.com"]
  }
}
