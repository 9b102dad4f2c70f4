# Planned with the attached provider: the alias is called, by a role that nobody else can borrow.

provider "aws" {
  region = "us-east-1"
}

variables {
  name       = "orders-close"
  expression = "rate(5 minutes)"
  function = {
    arn = "arn:aws:lambda:us-east-1:000000000000:function:orders-close:live"
    invoke = {
      actions   = ["lambda:InvokeFunction"]
      resources = ["arn:aws:lambda:us-east-1:000000000000:function:orders-close:live"]
    }
    asynchronous = { retries = 1, age_seconds = 120 }
  }
  input = "{\"source\":\"schedule\"}"
}

run "the_alias_is_called" {
  command = plan

  assert {
    condition = (
      aws_scheduler_schedule.this.target[0].arn == "arn:aws:lambda:us-east-1:000000000000:function:orders-close:live" &&
      aws_scheduler_schedule.this.target[0].input == "{\"source\":\"schedule\"}"
    )
    error_message = "The schedule calls the alias with the event."
  }
  assert {
    condition = (
      aws_scheduler_schedule.this.target[0].retry_policy[0].maximum_retry_attempts == 1 &&
      aws_scheduler_schedule.this.target[0].retry_policy[0].maximum_event_age_in_seconds == 120 &&
      aws_scheduler_schedule.this.state == "ENABLED"
    )
    error_message = "It is on, and tries a delivery again as the function's asynchronous settings say."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Action   = ["lambda:InvokeFunction"]
        Effect   = "Allow"
        Resource = ["arn:aws:lambda:us-east-1:000000000000:function:orders-close:live"]
      }
    ]
    error_message = "Its role may invoke that alias and nothing else."
  }
  assert {
    condition = (
      jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"]
      == "000000000000"
    )
    error_message = "Only schedules of this account may use the role."
  }
}

run "an_expression_that_is_none" {
  command = plan
  variables {
    expression = "every 5 minutes"
  }
  expect_failures = [var.expression]
}

run "an_event_that_is_not_json" {
  command = plan
  variables {
    input = "source=schedule"
  }
  expect_failures = [var.input]
}

run "a_function_that_does_not_say_what_becomes_of_an_event" {
  command = plan
  variables {
    function = {
      arn          = "arn:aws:lambda:us-east-1:000000000000:function:orders-close:live"
      invoke       = { actions = ["lambda:InvokeFunction"], resources = ["x"] }
      asynchronous = null
    }
  }
  expect_failures = [var.function]
}
