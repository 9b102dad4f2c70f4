# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name   = "on-call"
  emails = ["on-call@example.com"]
}

run "a_topic_that_tells_nobody" {
  command = plan
  variables { emails = [] }
  expect_failures = [var.emails]
}

run "an_address_that_is_none" {
  command = plan
  variables { emails = ["on-call"] }
  expect_failures = [var.emails]
}

run "a_webhook_without_tls" {
  command = plan
  variables { webhooks = { pager = "http://pager.example.com/key" } }
  expect_failures = [var.webhooks]
}

run "a_password_in_an_address" {
  command = plan
  variables { webhooks = { pager = "https://me:secret@pager.example.com/key" } }
  expect_failures = [var.webhooks]
}

run "the_key_that_keeps_cloudwatch_out" {
  command = plan
  variables { kms_key_arn = "alias/aws/sns" }
  expect_failures = [var.kms_key_arn]
}

run "a_name_of_a_fifo_topic" {
  command = plan
  variables { name = "on-call.fifo" }
  expect_failures = [var.name]
}
