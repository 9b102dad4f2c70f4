# With a mocked provider: what the pipeline refuses, before anything is made. Several at once, each
# of another variable, to be quick.

mock_provider "aws" {}

variables {
  name = "sluice-test-receipts"
}

run "a_name_too_long_a_missing_package_and_what_stands_in_no_document" {
  command = plan
  variables {
    name = "a2345678901234567890123456789012345678-x" # with "-quarantine-" and the account's number, 64
    packages = {
      "receipts-read" = { path = "receipts-read.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
    }
    reading       = { reader = "a\nb", hints = { country = "uk" } }
    sweep_minutes = 7
    alarms        = { level = "some" }
    endpoints     = { TEXTRACT = "http://example.com" }
    limits        = { files = 0 }
  }
  expect_failures = [
    var.name, var.packages, var.reading, var.sweep_minutes, var.alarms, var.endpoints, var.limits,
  ]
}

run "addresses_for_an_hour_and_more_batches_than_a_row_may_mark" {
  command = plan
  variables {
    api    = { upload_seconds = 3600 }
    limits = { batches = 1001 }
    keep   = { upload_days = 7 }
    sizing = { split = { memory_mb = 256 } }
  }
  expect_failures = [var.api, var.limits, var.keep, var.sizing]
}

run "browsers_that_send_as_anybody_and_documents_gone_before_their_rows" {
  command = plan
  variables {
    api  = { origins = ["https://app.example.com"] }
    keep = { document_days = 30 }
  }
  expect_failures = [var.api, var.keep]
}

run "more_readers_than_the_quota_has_work_for" {
  command = plan
  variables {
    sizing = { read = { maximum_concurrency = 51 } }
  }
  expect_failures = [var.sizing]
}

run "a_reader_that_ends_before_it_may_be_answered" {
  command = plan
  variables {
    sizing = { read = { timeout_seconds = 60 } }
  }
  expect_failures = [var.sizing]
}

run "a_reader_that_gives_a_picture_up_when_it_is_busy" {
  command = plan
  variables {
    sizing = { read = { max_receives = 10 } }
    api    = { trusted_scope = "receipts/all" }
  }
  expect_failures = [var.sizing, var.api]
}

run "nobody_who_delivers" {
  command = plan
  variables {
    delivery = { lanes = 0 }
    sizing   = { deliver = { timeout_seconds = 30 } }
  }
  expect_failures = [var.delivery, var.sizing]
}

run "an_agent_with_any_certificate" {
  command = plan
  variables {
    delivery = {
      agent = {
        trust_anchor_arn = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/1234"
        common_names     = ["*"]
      }
    }
  }
  expect_failures = [var.delivery]
}

run "a_login_in_place_of_its_secret_and_a_table_with_quotes" {
  command = plan
  variables {
    delivery = { secret_arn = "postgresql://me:secret@db", table = "\"Receipts\"", slot_seconds = 60 }
  }
  expect_failures = [var.delivery]
}
