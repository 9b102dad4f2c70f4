# Planned with the attached provider: callers with a token, the vendor's secret, a customer's key.

provider "aws" {
  region = "us-east-1"
}

variables {
  api = {
    jwt   = { issuer = "https://login.example.com", audience = ["harvest"] }
    scope = "harvest/runs"
  }
  kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
}

run "a_key_reaches_every_statement" {
  command = plan

  assert {
    condition = (
      module.turn.send.key.arn == var.kms_key_arn &&
      module.ledger.write["update"].key.arn == var.kms_key_arn &&
      module.results.put["parcels"].key.arn == var.kms_key_arn
    )
    error_message = "What may be called comes with the key it needs."
  }
  assert {
    condition     = local.secret_arn == "${var.vendor.secret_arn}-??????"
    error_message = "Secrets Manager ends the ARN in six characters that only it knows."
  }
}

run "a_whole_arn_is_taken_as_it_is" {
  command = plan
  variables {
    vendor = {
      name       = "monitor"
      url        = "https://api.example.com"
      account    = "main"
      secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:sluice-test-harvest-token-AbC123"
      limits     = [{ calls = 1000, seconds = 60 }]
    }
  }

  assert {
    condition     = local.secret_arn == var.vendor.secret_arn
    error_message = "Nothing is added to what names one secret."
  }
}
