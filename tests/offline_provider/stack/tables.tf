resource "aws_dynamodb_table" "t" {
  name                        = "table-t"
  hash_key                    = "a"
  range_key                   = "b"
  billing_mode                = local.two ? "PROVISIONED" : "PAY_PER_REQUEST"
  read_capacity               = local.two ? 5 : null
  write_capacity              = local.two ? 6 : null
  deletion_protection_enabled = !local.two
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "b"
    type = "N"
  }
  ttl {
    enabled        = true
    attribute_name = "expires"
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption { enabled = true }
  dynamic "warm_throughput" {
    for_each = local.two ? [] : [1]
    content {
      read_units_per_second  = 12000
      write_units_per_second = 4000
    }
  }
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
}

resource "aws_dynamodb_table" "p" {
  name           = "table-p"
  hash_key       = "a"
  billing_mode   = "PROVISIONED"
  read_capacity  = local.two ? 50 : 5
  write_capacity = 6
  attribute {
    name = "a"
    type = "S"
  }
  attribute {
    name = "g"
    type = "S"
  }
  global_secondary_index {
    name            = "byg"
    hash_key        = "g"
    projection_type = "ALL"
    read_capacity   = 1
    write_capacity  = 1
  }
  lifecycle { ignore_changes = [read_capacity, write_capacity] }
}

resource "aws_appautoscaling_target" "t" {
  min_capacity       = 5
  max_capacity       = local.two ? 200 : 100
  resource_id        = "table/${aws_dynamodb_table.p.name}"
  scalable_dimension = "dynamodb:table:WriteCapacityUnits"
  service_namespace  = "dynamodb"
}

resource "aws_appautoscaling_policy" "t" {
  name               = "t"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.t.resource_id
  scalable_dimension = aws_appautoscaling_target.t.scalable_dimension
  service_namespace  = aws_appautoscaling_target.t.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification { predefined_metric_type = "DynamoDBWriteCapacityUtilization" }
    target_value = 70
  }
}
