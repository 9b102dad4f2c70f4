# Planned with the attached provider: pages of one origin, customers with a token, a reader
# elsewhere and a customer's key throughout.

provider "aws" {
  region = "us-east-1"
}

variables {
  name      = "sluice-test-receipts"
  reading   = { hints = { country = "GB", day_first = true, currencies = ["GBP"] } }
  endpoints = { TEXTRACT = "http://127.0.0.1:4000" }
  api = {
    origins       = ["https://app.example.com"]
    jwt           = { issuer = "https://login.example.com", audience = ["receipts"] }
    trusted_scope = "receipts/all"
  }
  kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
}

run "what_is_said_reaches_who_needs_it" {
  command = plan

  assert {
    condition = (
      module.image.send.key.arn == var.kms_key_arn &&
      module.ledger.index["waiting"]["query"].key.arn == var.kms_key_arn &&
      module.documents.put["results"].key.arn == var.kms_key_arn
    )
    error_message = "What may be called comes with the key it needs."
  }
  assert {
    condition     = output.settings.hints.country == "GB" && output.quotas.textract_analyze_expense == 5
    error_message = "Hints are passed on, and the quota is AWS's own where nobody says another."
  }
  assert {
    condition = (
      module.image.visibility_seconds == 6 * module.read.timeout_seconds &&
      module.intake.visibility_seconds == 6 * module.split.timeout_seconds
    )
    error_message = "A message is seen again when its consumer has surely ended."
  }
}
