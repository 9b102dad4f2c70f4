# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name     = "orders"
  consumer = { timeout_seconds = 10 }
}

run "a_name_that_brings_its_suffix" {
  command = plan
  variables { name = "orders.fifo" }
  expect_failures = [var.name]
}

run "a_window_on_a_fifo_queue" {
  command = plan
  variables {
    fifo     = true
    consumer = { timeout_seconds = 10, window_seconds = 1 }
  }
  expect_failures = [var.consumer]
}

run "a_fifo_consumer_that_locks_its_group_for_an_hour" {
  command = plan
  variables {
    fifo     = true
    consumer = { timeout_seconds = 600 }
  }
  expect_failures = [var.consumer]
}

run "too_few_receives" {
  command = plan
  variables { max_receives = 4 }
  expect_failures = [var.max_receives]
}

run "dead_letters_that_vanish_before_messages" {
  command = plan
  variables { retention = { seconds = 600000, dead_letter_seconds = 500000 } }
  expect_failures = [var.retention]
}

run "a_retention_shorter_than_the_visibility" {
  command = plan
  variables {
    consumer  = { timeout_seconds = 900 }
    retention = { seconds = 3600 }
  }
  expect_failures = [aws_sqs_queue.this]
}

run "a_key_by_its_alias" {
  command = plan
  variables { kms_key_arn = "alias/orders" }
  expect_failures = [var.kms_key_arn]
}

run "a_sender_for_any_source" {
  command = plan
  variables {
    senders = { papers = { principal = "s3.amazonaws.com", source = "arn:aws:s3:::*" } }
  }
  expect_failures = [var.senders]
}

run "anybody_as_a_sender" {
  command = plan
  variables {
    senders = { papers = { principal = "*", source = "arn:aws:s3:::papers" } }
  }
  expect_failures = [var.senders]
}

run "a_bucket_that_sends_to_a_fifo_queue" {
  command = plan
  variables {
    fifo    = true
    senders = { papers = { principal = "s3.amazonaws.com", source = "arn:aws:s3:::papers" } }
  }
  expect_failures = [var.senders]
}
