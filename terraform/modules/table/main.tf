data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  arn = join(":", [
    "arn", data.aws_partition.current.partition, "dynamodb",
    data.aws_region.current.region, data.aws_caller_identity.current.account_id, "table/${var.name}",
  ])

  provisioned = var.capacity.provisioned != null
  warm        = try(var.capacity.on_demand.warm, null)
  most        = try(var.capacity.on_demand.most, null)
  of_indexes  = flatten([for i in values(var.indexes) : concat([i.hash_key], i.range_key == null ? [] : [i.range_key])])
  keys = {
    for key in concat([var.hash_key], var.range_key == null ? [] : [var.range_key], local.of_indexes) :
    key.name => key.type...
  }
}

locals {
  # What an index holds beside its keys: everything, nothing, or what is named.
  projections = {
    for name, i in var.indexes :
    name => i.attributes == null ? "ALL" : length(i.attributes) == 0 ? "KEYS_ONLY" : "INCLUDE"
  }
}

# One resource, whatever the capacity mode: ignore_changes cannot be conditional, and a second copy
# would mean a second table.
resource "aws_dynamodb_table" "this" {
  # checkov:skip=CKV_AWS_28: Point in time recovery is an input, on by default; what can be made again turns it off.
  # checkov:skip=CKV_AWS_119: DynamoDB's own key is free and always on; another is an input (kms_key_arn), ADR 0005.
  name         = var.name
  billing_mode = local.provisioned ? "PROVISIONED" : "PAY_PER_REQUEST"
  hash_key     = var.hash_key.name
  range_key    = try(var.range_key.name, null)
  tags         = var.tags

  read_capacity  = try(var.capacity.provisioned.read.least, null)
  write_capacity = try(var.capacity.provisioned.write.least, null)

  deletion_protection_enabled = var.deletion_protection

  stream_enabled   = var.stream == null ? null : true
  stream_view_type = var.stream

  dynamic "attribute" {
    for_each = local.keys
    content {
      name = attribute.key
      type = attribute.value[0]
    }
  }

  dynamic "warm_throughput" {
    for_each = local.warm == null ? [] : [local.warm]
    content {
      read_units_per_second  = warm_throughput.value.read_units
      write_units_per_second = warm_throughput.value.write_units
    }
  }

  # What is asked beyond it is throttled: a bill has an end.
  dynamic "on_demand_throughput" {
    for_each = local.most == null ? [] : [local.most]
    content {
      max_read_request_units  = on_demand_throughput.value.read_units
      max_write_request_units = on_demand_throughput.value.write_units
    }
  }

  dynamic "global_secondary_index" {
    for_each = var.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key.name
      range_key       = try(global_secondary_index.value.range_key.name, null)
      projection_type = local.projections[global_secondary_index.key]
      non_key_attributes = (
        local.projections[global_secondary_index.key] == "INCLUDE" ? global_secondary_index.value.attributes : null
      )

      dynamic "on_demand_throughput" {
        for_each = local.most == null ? [] : [local.most]
        content {
          max_read_request_units  = on_demand_throughput.value.read_units
          max_write_request_units = on_demand_throughput.value.write_units
        }
      }
    }
  }

  dynamic "ttl" {
    for_each = var.ttl_attribute == null ? [] : [var.ttl_attribute]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  dynamic "server_side_encryption" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value
    }
  }

  point_in_time_recovery {
    enabled = var.point_in_time_recovery
  }

  lifecycle {
    # Autoscaling moves the capacities, and DynamoDB raises warm throughput by itself and never
    # lowers it: a plan that wanted the old number back would replace the table.
    ignore_changes = [read_capacity, write_capacity, warm_throughput]
  }
}
