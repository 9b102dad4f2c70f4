data "aws_region" "current" {}

locals {
  # The way the data goes, from the left: what is waiting, what works on it, what came of it.
  graphs = concat(
    var.api == null ? [] : [{
      title = "Requests"
      stat  = "Sum"
      lines = [
        for one in concat(var.api.watch.requests, var.api.watch.shown, var.api.watch.errors) :
        concat([one.namespace, one.name], flatten([for name, value in one.dimensions : [name, value]]))
      ]
    }],
    [
      for graph in [
        {
          title = "Messages waiting"
          stat  = "Maximum"
          lines = [
            for q in values(var.queues) :
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.queue.name]
          ]
        },
        {
          title = "Oldest message, seconds"
          stat  = "Maximum"
          lines = [
            for q in values(var.queues) :
            ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", q.queue.name]
          ]
        },
        {
          title = "Dead letters"
          stat  = "Maximum"
          lines = [
            for q in values(var.queues) :
            ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.queue.dead_letter.name]
          ]
        },
        {
          title = "Concurrent runs"
          stat  = "Maximum"
          lines = [for f in values(var.functions) : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", f.name]]
        },
        {
          title = "Duration, milliseconds (p99)"
          stat  = "p99"
          lines = [for f in values(var.functions) : ["AWS/Lambda", "Duration", "FunctionName", f.name]]
        },
        {
          title = "Errors"
          stat  = "Sum"
          lines = [for f in values(var.functions) : ["AWS/Lambda", "Errors", "FunctionName", f.name]]
        },
        {
          title = "Throttles"
          stat  = "Sum"
          lines = concat(
            [for f in values(var.functions) : ["AWS/Lambda", "Throttles", "FunctionName", f.name]],
            [for t in values(var.tables) : ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", t.name]],
            [for t in values(var.tables) : ["AWS/DynamoDB", "ReadThrottleEvents", "TableName", t.name]],
          )
        },
        {
          title = "Write units"
          stat  = "Sum"
          lines = [for t in values(var.tables) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", t.name]]
        },
        {
          title = "Read units"
          stat  = "Sum"
          lines = [for t in values(var.tables) : ["AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", t.name]]
        },
      ] : graph if length(graph.lines) > 0
    ],
    [for metric in values(var.metrics) : {
      title = metric.name
      stat  = metric.statistic
      lines = [concat([metric.namespace, metric.name], flatten([for name, value in metric.dimensions : [name, value]]))]
    }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  count = local.all ? 1 : 0

  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for place, graph in local.graphs : {
      type   = "metric"
      x      = 8 * (place % 3)
      y      = 6 * floor(place / 3)
      width  = 8
      height = 6
      properties = {
        title   = graph.title
        region  = data.aws_region.current.region
        stat    = graph.stat
        period  = 60
        metrics = graph.lines
      }
    }]
  })
}
