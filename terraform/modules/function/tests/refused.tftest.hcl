# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name    = "orders-read"
  package = { path = "orders.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  handler = "orders.read.handler"
}

run "a_package_from_nowhere" {
  command = plan
  variables { package = { bucket = "releases", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" } }
  expect_failures = [var.package]
}

# Lambda takes metrics, lines without a level, for INFO, and drops them from WARN on.
run "a_level_that_loses_metrics" {
  command = plan
  variables { logs = { level = "WARN" } }
  expect_failures = [var.logs]
}

run "a_hex_digest" {
  command = plan
  variables {
    package = { path = "orders.zip", hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" }
  }
  expect_failures = [var.package]
}

run "a_wildcard_action" {
  command = plan
  variables {
    allows = [{ actions = ["dynamodb:*"], resources = ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"] }]
  }
  expect_failures = [var.allows]
}

run "a_timeout_longer_than_the_queue_was_made_for" {
  command = plan
  variables {
    sizing = { timeout_seconds = 30 }
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        maximum_concurrency = 2
      }
    }
  }
  expect_failures = [var.consumes]
}

run "a_big_batch_without_a_window" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        batch_size          = 100
        maximum_concurrency = 2
      }
    }
  }
  expect_failures = [var.consumes]
}

run "a_big_batch_of_a_fifo_queue" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders.fifo"
          fifo     = true
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        batch_size          = 11
        maximum_concurrency = 2
      }
    }
  }
  expect_failures = [var.consumes]
}

run "a_concurrency_that_sqs_refuses" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        maximum_concurrency = 1
      }
    }
  }
  expect_failures = [var.consumes]
}

run "a_retention_unknown_to_cloudwatch" {
  command = plan
  variables { logs = { retention_days = 8 } }
  expect_failures = [var.logs]
}

run "pollers_and_a_maximum_concurrency" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        maximum_concurrency = 2
        pollers             = {}
      }
    }
  }
  expect_failures = [var.consumes]
}

run "neither_pollers_nor_a_maximum_concurrency" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
      }
    }
  }
  expect_failures = [var.consumes]
}

run "fewer_pollers_than_sqs_takes" {
  command = plan
  variables {
    consumes = {
      orders = {
        queue = {
          arn      = "arn:aws:sqs:us-east-1:000000000000:orders"
          fifo     = false
          consumer = { timeout_seconds = 20, window_seconds = 0 }
          consume  = { actions = ["sqs:ReceiveMessage"], resources = ["x"] }
        }
        pollers = { least = 1 }
      }
    }
  }
  expect_failures = [var.consumes]
}

run "more_retries_than_lambda_takes" {
  command = plan
  variables { asynchronous = { retries = 3 } }
  expect_failures = [var.asynchronous]
}

run "an_event_that_waits_for_a_day" {
  command = plan
  variables { asynchronous = { age_seconds = 86400 } }
  expect_failures = [var.asynchronous]
}

run "recursion_by_another_word" {
  command = plan
  variables { recursion = "yes" }
  expect_failures = [var.recursion]
}

run "a_vpc_without_a_security_group" {
  command = plan
  variables { vpc = { subnet_ids = ["subnet-1"], security_group_ids = [] } }
  expect_failures = [var.vpc]
}

run "a_layer_without_a_version" {
  command = plan
  variables { runtime = { layers = ["arn:aws:lambda:us-east-1:000000000000:layer:fonts"] } }
  expect_failures = [var.runtime]
}

run "more_storage_than_there_is" {
  command = plan
  variables { sizing = { storage_mb = 20000 } }
  expect_failures = [var.sizing]
}
