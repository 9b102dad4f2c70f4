# With a mocked provider: what the module refuses, before anything is made.

mock_provider "aws" {}

variables {
  name = "orders-000000000000"
}

run "a_prefix_that_means_more_than_it_says" {
  command = plan
  variables {
    prefixes = { wrong = { prefix = "wrong" } }
  }
  expect_failures = [var.prefixes]
}

run "a_name_that_s3_refuses" {
  command = plan
  variables {
    name = "Orders_1"
  }
  expect_failures = [var.name]
}

run "objects_that_expire_at_once" {
  command = plan
  variables {
    prefixes = { wrong = { prefix = "wrong/", expire_after_days = 0 } }
  }
  expect_failures = [var.prefixes]
}

run "a_service_for_anybody" {
  command = plan
  variables {
    services = {
      trail = {
        principal = "cloudtrail.amazonaws.com"
        source    = "arn:aws:cloudtrail:*:*:trail/*"
        objects   = ["s3:PutObject"]
      }
    }
  }
  expect_failures = [var.services]
}

run "a_service_without_a_source" {
  command = plan
  variables {
    services = {
      trail = {
        principal = "cloudtrail.amazonaws.com"
        source    = ""
        objects   = ["s3:PutObject"]
      }
    }
  }
  expect_failures = [var.services]
}

run "an_account_as_a_service" {
  command = plan
  variables {
    services = {
      trail = {
        principal = "*"
        source    = "arn:aws:cloudtrail:us-east-1:000000000000:trail/x"
        objects   = ["s3:PutObject"]
      }
    }
  }
  expect_failures = [var.services]
}

run "a_service_that_may_all" {
  command = plan
  variables {
    services = {
      trail = {
        principal = "cloudtrail.amazonaws.com"
        source    = "arn:aws:cloudtrail:us-east-1:000000000000:trail/x"
        objects   = ["s3:*"]
      }
    }
  }
  expect_failures = [var.services]
}

run "a_fifo_queue_that_hears" {
  command = plan
  variables {
    notifications = { all = { queue = { arn = "arn:aws:sqs:us-east-1:000000000000:q.fifo", fifo = true } } }
  }
  expect_failures = [var.notifications]
}

run "events_that_are_none" {
  command = plan
  variables {
    notifications = { all = {
      queue  = { arn = "arn:aws:sqs:us-east-1:000000000000:q", fifo = false }
      events = ["ObjectCreated"]
    } }
  }
  expect_failures = [var.notifications]
}

run "two_that_hear_of_the_same_objects" {
  command = plan
  variables {
    notifications = {
      all = { queue = { arn = "arn:aws:sqs:us-east-1:000000000000:q", fifo = false } }
      some = {
        queue  = { arn = "arn:aws:sqs:us-east-1:000000000000:r", fifo = false }
        events = ["s3:ObjectCreated:Put"]
        prefix = "some/"
      }
    }
  }
  expect_failures = [var.notifications]
}

run "pages_of_everybody" {
  command = plan
  variables {
    cors = { origins = ["*"] }
  }
  expect_failures = [var.cors]
}

run "a_method_that_s3_does_not_know" {
  command = plan
  variables {
    cors = { origins = ["https://app.example.com"], methods = ["PATCH"] }
  }
  expect_failures = [var.cors]
}
