# Planned with the attached provider: one table, whatever the capacity mode.

provider "aws" {
  region = "us-east-1"
}

variables {
  name      = "orders"
  hash_key  = { name = "customer" }
  range_key = { name = "n", type = "N" }
}

run "on_demand" {
  command = plan

  assert {
    condition = (
      aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST" &&
      length(aws_appautoscaling_target.this) == 0 &&
      length(aws_dynamodb_table.this.warm_throughput) == 0 &&
      length(aws_dynamodb_table.this.on_demand_throughput) == 0
    )
    error_message = "The default is on demand, with nothing to scale."
  }
  assert {
    condition = (
      aws_dynamodb_table.this.point_in_time_recovery[0].enabled &&
      aws_dynamodb_table.this.deletion_protection_enabled
    )
    error_message = "A table is protected unless told otherwise."
  }
  assert {
    condition     = { for a in aws_dynamodb_table.this.attribute : a.name => a.type } == { customer = "S", n = "N" }
    error_message = "Only keys are declared."
  }
  assert {
    condition = (
      output.read["get"].actions == ["dynamodb:GetItem"] &&
      output.read["get"].resources == ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"] &&
      output.read["get"].key == null
    )
    error_message = "read.get is one action on one ARN."
  }
}

run "on_demand_and_warm" {
  command = plan
  variables {
    capacity = { on_demand = { warm = { read_units = 20000, write_units = 8000 } } }
  }
  assert {
    condition     = aws_dynamodb_table.this.warm_throughput[0].write_units_per_second == 8000
    error_message = "The table is made warm."
  }
}

run "on_demand_with_an_end" {
  command = plan
  variables {
    capacity = { on_demand = { most = { read_units = 500, write_units = 50 } } }
  }
  assert {
    condition = (
      one(aws_dynamodb_table.this.on_demand_throughput).max_read_request_units == 500 &&
      one(aws_dynamodb_table.this.on_demand_throughput).max_write_request_units == 50
    )
    error_message = "DynamoDB throttles beyond the most units."
  }
}

run "provisioned" {
  command = plan
  variables {
    capacity      = { provisioned = { read = { least = 5, most = 50 }, write = { least = 10, most = 100 } } }
    ttl_attribute = "expires"
  }

  assert {
    condition = (
      aws_dynamodb_table.this.billing_mode == "PROVISIONED" &&
      aws_dynamodb_table.this.write_capacity == 10
    )
    error_message = "The table starts with the least capacity."
  }
  assert {
    condition = (
      aws_appautoscaling_target.this["write"].min_capacity == 10 &&
      aws_appautoscaling_target.this["write"].max_capacity == 100 &&
      aws_appautoscaling_target.this["read"].scalable_dimension == "dynamodb:table:ReadCapacityUnits" &&
      length(aws_appautoscaling_policy.this) == 2
    )
    error_message = "Provisioned always scales, reads and writes."
  }
  assert {
    condition = (
      one(aws_dynamodb_table.this.ttl).attribute_name == "expires" &&
      one(aws_dynamodb_table.this.ttl).enabled
    )
    error_message = "Items expire by the attribute."
  }
}

run "a_key_comes_with_its_grants" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
  }
  assert {
    condition = (
      aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn &&
      output.write["put"].key.service == "dynamodb" &&
      !contains(output.read["get"].key.actions, "kms:Encrypt")
    )
    error_message = "Statements carry the key, and a reader does not encrypt."
  }
}

run "by_other_keys_and_with_a_stream" {
  command = plan
  variables {
    stream = "NEW_IMAGE"
    indexes = {
      by-day   = { hash_key = { name = "day" }, range_key = { name = "n", type = "N" } }
      by-hash  = { hash_key = { name = "hash" }, attributes = [] }
      by-state = { hash_key = { name = "state" }, attributes = ["size"] }
    }
    capacity = { on_demand = { most = { read_units = 100, write_units = 50 } } }
  }
  assert {
    condition = {
      for i in aws_dynamodb_table.this.global_secondary_index :
      i.name => "${i.hash_key} ${i.projection_type} ${i.on_demand_throughput[0].max_write_request_units}"
    } == { by-day = "day ALL 50", by-hash = "hash KEYS_ONLY 50", by-state = "state INCLUDE 50" }
    error_message = "Each index has its key, what it holds, and the table's ceiling."
  }
  assert {
    condition = { for a in aws_dynamodb_table.this.attribute : a.name => a.type } == {
      customer = "S", n = "N", day = "S", hash = "S", state = "S"
    }
    error_message = "The keys of indexes are declared, each once."
  }
  assert {
    condition = (
      output.index["by-hash"].query.actions == ["dynamodb:Query"] &&
      output.index["by-hash"].query.resources
      == ["arn:aws:dynamodb:us-east-1:000000000000:table/orders/index/by-hash"] &&
      output.read["query"].resources == ["arn:aws:dynamodb:us-east-1:000000000000:table/orders"]
    )
    error_message = "An index has statements of its own."
  }
  assert {
    condition     = aws_dynamodb_table.this.stream_enabled && aws_dynamodb_table.this.stream_view_type == "NEW_IMAGE"
    error_message = "The stream holds what was asked for."
  }
}

run "no_index_and_no_stream_unless_asked" {
  command = plan
  assert {
    condition     = length(aws_dynamodb_table.this.global_secondary_index) == 0 && output.stream == null
    error_message = "A plain table is plain."
  }
}
