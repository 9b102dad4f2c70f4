# Planned with the attached provider: what is watched, and that somebody hears it.

provider "aws" {
  region = "us-east-1"
}

variables {
  name      = "orders"
  functions = { take = { name = "orders-take" } }
  tables    = { orders = { name = "orders" } }
  queues = {
    in = {
      queue          = { name = "orders-in", dead_letter = { name = "orders-in-dlq" }, retention_seconds = 345600 }
      oldest_seconds = 120
    }
  }
  api = {
    watch = {
      requests = [{ namespace = "AWS/ApiGateway", name = "Count", dimensions = { ApiId = "abc" } }]
      errors   = [{ namespace = "AWS/ApiGateway", name = "5xx", dimensions = { ApiId = "abc" } }]
      shown    = [{ namespace = "AWS/ApiGateway", name = "4xx", dimensions = { ApiId = "abc" } }]
    }
  }
  metrics = {
    lag = {
      namespace = "orders"
      name      = "LagSeconds"
      statistic = "Maximum"
      limit     = { above = 60, periods = 5, datapoints = 3, description = "Too late." }
    }
    seen = { namespace = "orders", name = "Seen" }
  }
  topic_arn = "arn:aws:sns:us-east-1:000000000000:alarms"
}

run "everything_is_watched" {
  command = plan

  assert {
    condition = toset(output.alarms) == toset([
      "orders-api-5xx", "orders-in-age", "orders-in-dead-letters", "orders-in-mapping-off", "orders-lag",
      "orders-orders-reads-throttled", "orders-orders-writes-throttled", "orders-take-errors", "orders-take-throttles",
    ])
    error_message = "One alarm for each way to go wrong."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.age["in"].threshold == 120 &&
      aws_cloudwatch_metric_alarm.age["in"].dimensions == tomap({ QueueName = "orders-in" })
    )
    error_message = "Age is the source queue's."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.dead_letters["in"].dimensions == tomap({ QueueName = "orders-in-dlq" }) &&
      aws_cloudwatch_metric_alarm.dead_letters["in"].threshold == 0
    )
    error_message = "One dead letter is enough."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.metric["lag"].evaluation_periods == 5 &&
      aws_cloudwatch_metric_alarm.metric["lag"].datapoints_to_alarm == 3
    )
    error_message = "Three of five minutes are enough."
  }
  assert {
    condition = contains(
      aws_cloudwatch_metric_alarm.server_errors[0].metric_query[*].expression,
      "100 * (FILL(errors0, 0)) / (FILL(requests0, 0))",
    )
    error_message = "The share of 5xx is that of all requests."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.mapping_off["in"].treat_missing_data == "breaching"
    error_message = "Silence means that the mapping is off."
  }
  assert {
    condition = alltrue([for alarm in concat(
      values(aws_cloudwatch_metric_alarm.age),
      values(aws_cloudwatch_metric_alarm.dead_letters),
      values(aws_cloudwatch_metric_alarm.mapping_off),
      values(aws_cloudwatch_metric_alarm.errors),
      values(aws_cloudwatch_metric_alarm.throttles),
      values(aws_cloudwatch_metric_alarm.table_throttles),
      aws_cloudwatch_metric_alarm.server_errors, values(aws_cloudwatch_metric_alarm.metric),
    ) : alarm.alarm_actions == toset([var.topic_arn]) && alarm.ok_actions == toset([var.topic_arn])])
    error_message = "Every alarm is heard, and its end too."
  }
  assert {
    condition = alltrue([
      for name in ["LagSeconds", "Seen", "orders-in-dlq", "orders-take"] :
      strcontains(aws_cloudwatch_dashboard.this[0].dashboard_body, name)
    ])
    error_message = "The dashboard shows all of it, metrics without a limit too."
  }
}

run "only_the_essential" {
  command = plan
  variables {
    level = "essential"
    metrics = {
      lag  = { namespace = "orders", name = "LagSeconds", limit = { above = 60, description = "Too late." } }
      lost = { namespace = "orders", name = "Lost", limit = { above = 0, essential = true, description = "Lost." } }
      seen = { namespace = "orders", name = "Seen" }
    }
  }
  assert {
    condition     = toset(output.alarms) == toset(["orders-in-age", "orders-in-dead-letters", "orders-lost"])
    error_message = "What loses or delays work is watched all the same."
  }
  assert {
    condition     = output.dashboard == null && length(aws_cloudwatch_dashboard.this) == 0
    error_message = "A dashboard costs as much as thirty alarms."
  }
}

run "a_level_that_there_is_not" {
  command = plan
  variables {
    level = "few"
  }
  expect_failures = [var.level]
}

run "nobody_listens" {
  command = plan
  variables {
    topic_arn = null
    api       = null
  }
  assert {
    condition = (
      length(aws_cloudwatch_metric_alarm.age["in"].alarm_actions) == 0 &&
      length(aws_cloudwatch_metric_alarm.server_errors) == 0
    )
    error_message = "Without a topic alarms only show, and without an API none watches one."
  }
}

run "an_age_past_half_the_retention" {
  command = plan
  variables {
    queues = {
      in = {
        queue          = { name = "orders-in", dead_letter = { name = "orders-in-dlq" }, retention_seconds = 600 }
        oldest_seconds = 500
      }
    }
  }
  expect_failures = [var.queues]
}

run "a_limit_without_a_side" {
  command = plan
  variables {
    metrics = { lag = { namespace = "orders", name = "LagSeconds", limit = { description = "Too late." } } }
  }
  expect_failures = [var.metrics]
}

run "more_datapoints_than_periods" {
  command = plan
  variables {
    metrics = {
      lag = {
        namespace = "orders", name = "Lag"
        limit     = { above = 1, periods = 2, datapoints = 3, description = "Too late." }
      }
    }
  }
  expect_failures = [var.metrics]
}
