# What is this account's own. Applied once by the account's administrator: make account ENV=dev
locals {
  # The repository by name and number (gh api repos/your-org/sluice --jq .id), and what its tokens'
  # subjects begin with where they are immutable and have ids in them: GitHub's OIDC settings show
  # it ("repo:your-org@123/sluice@456").
  repository     = "your-org/sluice"
  repository_id  = "123456789"
  subject_prefix = null

  budget = {
    dollars = 50
    emails  = ["cloud-costs@example.com"]
  }

  # Who hears the alarms of this account's pipelines; an address must confirm once.
  alarms = {
    emails   = ["on-call@example.com"]
    webhooks = {}    # such as an on-call service's: { pager = "https://…" }
    own_key  = false # its dollar a month is a third of what dev costs
  }

  # Who read or wrote which object of the state and the artifacts; $0.10 for 100,000 calls.
  trail = { on = false }
}
