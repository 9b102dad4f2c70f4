# Planned with the attached provider: what is compared, how often, and the alarms that come of it.

provider "aws" {
  region = "us-east-1"
}

variables {
  name    = "orders-conservation"
  package = { path = "orders-conservation.zip", hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }
  handler = "orders.conservation.handler"
  accepted = {
    take = { log_group = "take", read_logs = { actions = ["logs:FilterLogEvents"], resources = ["arn:a"] } }
  }
  settled = {
    enter = { log_group = "enter", read_logs = { actions = ["logs:FilterLogEvents"], resources = ["arn:b"] } }
  }
  consumers = {
    enter = {
      mappings     = { orders = "u-1" }
      read_mapping = { orders = { actions = ["lambda:GetEventSourceMapping"], resources = ["arn:u-1"] } }
    }
    both = {
      mappings = { a = "u-2", b = "u-3" }
      read_mapping = {
        a = { actions = ["lambda:GetEventSourceMapping"], resources = ["arn:u-2"] }
        b = { actions = ["lambda:GetEventSourceMapping"], resources = ["arn:u-3"] }
      }
    }
  }
  witnesses = { items = "Orders", share = 1, keys_table = "orders-keys" }
  check     = { latency_seconds = 300 }
}

run "what_is_compared" {
  command = plan

  assert {
    condition = output.metrics["witnesses-missing"].limit.above == 0 && (
      output.metrics["conservation-silent"].limit.missing_is_good == false
    )
    error_message = "One missing witness is an alarm, and so is silence."
  }
  assert {
    condition = alltrue([
      for metric in values(output.metrics) :
      metric.namespace == "orders-conservation" && metric.dimensions.service == "orders-conservation"
    ])
    error_message = "The metrics are those that the function writes under its own name."
  }
  assert {
    condition     = output.environment == { KEYS_TABLE = "orders-keys", WITNESS_SHARE = "1" }
    error_message = "Who leaves witnesses is told the same share and key."
  }
  assert {
    condition = startswith(
      output.metrics["witnesses-missing"].limit.description, "Orders were accepted over 300 s ago"
    )
    error_message = "Who is woken reads what is missing."
  }
  assert {
    condition     = local.mappings == { enter = "u-1", both-a = "u-2", both-b = "u-3" }
    error_message = "A consumer of several queues is named by each."
  }
  assert {
    condition     = length(module.schedule) == 1
    error_message = "It is called each minute."
  }
}

run "zero_minutes_switch_it_off" {
  command = plan
  variables {
    check = { minutes = 0, latency_seconds = 300 }
  }

  assert {
    condition     = length(module.schedule) == 0 && length(output.metrics) == 0
    error_message = "What does not run raises no alarm by its silence."
  }
}
