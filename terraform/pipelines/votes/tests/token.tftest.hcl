# Planned with the attached provider: voters with a token, and a customer's key throughout.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
  api = {
    throttle      = { rate = 8, burst = 16 }
    jwt           = { issuer = "https://login.example.com", audience = ["votes"] }
    trusted_scope = "votes/batch"
  }
  kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
}

run "a_key_reaches_every_statement" {
  command = plan

  assert {
    condition = (
      module.ingest.send.key.arn == var.kms_key_arn &&
      module.votes.write["partiql_insert"].key.arn == var.kms_key_arn &&
      module.quarantine.put["ballots"].key.arn == var.kms_key_arn
    )
    error_message = "What may be called comes with the key it needs."
  }
}
