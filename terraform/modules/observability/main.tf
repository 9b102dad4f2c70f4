locals {
  actions = var.topic_arn == null ? [] : [var.topic_arn]
  all     = var.level == "all"

  limits = {
    for key, metric in var.metrics :
    key => metric
    if local.all ? metric.limit != null : try(metric.limit.essential, false)
  }

  # What an entrance counts, several functions' together; a metric without a value counts none.
  counted = var.api == null ? {} : { for kind in ["requests", "errors"] : kind => var.api.watch[kind] }
  counts  = merge([for kind, metrics in local.counted : { for i, one in metrics : "${kind}${i}" => one }]...)
  sums = {
    for kind, metrics in local.counted :
    kind => join(" + ", [for i in range(length(metrics)) : "FILL(${kind}${i}, 0)"])
  }

  throttled = merge([for key, table in local.all ? var.tables : {} : {
    "${key}-reads"  = { table = table.name, metric = "ReadThrottleEvents" }
    "${key}-writes" = { table = table.name, metric = "WriteThrottleEvents" }
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "age" {
  for_each = var.queues

  alarm_name = "${var.name}-${each.key}-age"
  alarm_description = join(" ", [
    "The oldest message of ${each.value.queue.name} has waited over ${each.value.oldest_seconds}",
    "s: its consumer is too slow or off. (Of a standard queue, this does not see what was received",
    "three times: messages that fail.)",
  ])
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateAgeOfOldestMessage"
  dimensions          = { QueueName = each.value.queue.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.oldest_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = var.queues

  alarm_name = "${var.name}-${each.key}-dead-letters"
  alarm_description = join(" ", [
    "${each.value.queue.dead_letter.name} holds messages: look for their failures in the",
    "consumer's log, mend the cause, then redrive.",
  ])
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value.queue.dead_letter.name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}

# A mapping that is on polls without pause, and a poll counts whether it finds something or not. So silence means: off.
resource "aws_cloudwatch_metric_alarm" "mapping_off" {
  for_each = { for key, q in var.queues : key => q if local.all && !q.pulled }

  alarm_name = "${var.name}-${each.key}-mapping-off"
  alarm_description = join(" ", [
    "Nobody polls ${each.value.queue.name}: its event source mapping is off or gone.",
    "Messages wait, and are lost when their retention ends.",
  ])
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 5
  treat_missing_data  = "breaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags

  metric_query {
    id          = "polls"
    expression  = "FILL(found, 0) + FILL(empty, 0)"
    label       = "Polls"
    return_data = true
  }
  metric_query {
    id = "found"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfMessagesReceived"
      dimensions  = { QueueName = each.value.queue.name }
      period      = 60
      stat        = "Sum"
    }
  }
  metric_query {
    id = "empty"
    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfEmptyReceives"
      dimensions  = { QueueName = each.value.queue.name }
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = local.all ? var.functions : {}

  alarm_name = "${var.name}-${each.key}-errors"
  alarm_description = join(" ", [
    "${each.value.name} keeps failing as a whole (a crash, a timeout or no memory):",
    "its log says where.",
  ])
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = each.value.name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "throttles" {
  for_each = local.all ? var.functions : {}

  alarm_name = "${var.name}-${each.key}-throttles"
  alarm_description = join(" ", [
    "Lambda refuses to run ${each.value.name}: the account's concurrency is used up.",
    "Raise the quota or lower the mappings' maximum concurrency.",
  ])
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = each.value.name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = local.throttled

  alarm_name = "${var.name}-${each.key}-throttled"
  alarm_description = join(" ", [
    "${each.value.table} refuses requests: a burst past its capacity.",
    "They are tried again; if it lasts, raise the table's capacity or slow its writers.",
  ])
  namespace           = "AWS/DynamoDB"
  metric_name         = each.value.metric
  dimensions          = { TableName = each.value.table }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  count = var.api == null || !local.all ? 0 : 1

  alarm_name = "${var.name}-api-5xx"
  alarm_description = join(" ", [
    "More than ${var.server_error_percent} % of requests are answered 5xx:",
    "the access log says which route, the function's log why.",
  ])
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.server_error_percent
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags

  metric_query {
    id          = "share"
    expression  = "100 * (${local.sums.errors}) / (${local.sums.requests})"
    label       = "5xx, percent"
    return_data = true
  }
  dynamic "metric_query" {
    for_each = local.counts
    content {
      id = metric_query.key
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        period      = 60
        stat        = "Sum"
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = local.limits

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.limit.description
  namespace           = each.value.namespace
  metric_name         = each.value.name
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_seconds
  evaluation_periods  = each.value.limit.periods
  datapoints_to_alarm = each.value.limit.datapoints
  comparison_operator = each.value.limit.above != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.limit.above != null ? each.value.limit.above : each.value.limit.below
  treat_missing_data  = each.value.limit.missing_is_good ? "notBreaching" : "breaching"
  alarm_actions       = local.actions
  ok_actions          = local.actions
  tags                = var.tags
}
