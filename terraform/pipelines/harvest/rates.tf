# What the vendor permits, what of it can be reached without a refusal, and whether the workers carry
# it: each number here follows from the limits, from pace and from sizing, and the plan refuses those
# that contradict each other (docs/harvest/protocol.md).

locals {
  # How far two calls may come closer to each other than their slots: two clocks, the way there, a late send.
  spread_seconds = (2 * var.pace.clock_ms + var.pace.way_ms + var.pace.tolerance_ms) / 1000

  # Even slots (T + J) / N apart never put more than N calls into a window T, wherever it begins.
  paces = [for limit in var.vendor.limits : {
    what  = "${limit.calls} in ${limit.seconds} s"
    rate  = limit.calls / limit.seconds
    share = limit.seconds / (limit.seconds + local.spread_seconds)
  } if limit.kind == "pace"]
  others = concat(
    var.vendor.concurrency == null ? [] : [{
      what  = "${var.vendor.concurrency} at a time"
      rate  = var.vendor.concurrency * 1000 / var.vendor.latency_ms
      share = 1
    }],
    var.vendor.adaptive == null ? [] : [{ what = "adaptive", rate = var.vendor.adaptive.most, share = 1 }],
  )
  bounds    = concat(local.paces, local.others)
  permitted = min(local.bounds[*].rate...)
  slowest   = [for bound in local.bounds : bound if bound.rate == local.permitted][0]
  reachable = min([for bound in local.bounds : bound.rate * bound.share]...)

  # Few enough that a slow vendor's parcel takes no minutes, and no more than a whole budget.
  tasks = max(1, min(
    concat(
      [var.pace.tasks_a_parcel, floor(local.reachable * var.pace.parcel_seconds)],
      [for limit in var.vendor.limits : limit.calls if limit.kind == "budget"],
    )...
  ))
  span_seconds = local.tasks / local.reachable
  ahead        = (var.pace.lead_ms + var.pace.ahead_ms) / 1000

  # A worker has a parcel from its delivery, at most the lead and what is let out ahead before the first
  # slot, until the last answer is stored and committed.
  commits_seconds = 0.5
  held_seconds    = local.ahead + local.span_seconds + var.vendor.latency_ms / 1000 + local.commits_seconds
  longest_seconds = local.ahead + local.span_seconds + (var.pace.call_ms + var.pace.grace_ms) / 1000

  rates = {
    unit     = "calls"
    admitted = local.reachable
    drained  = var.sizing.work.maximum_concurrency * local.tasks / local.held_seconds
    limit    = "sizing.work.maximum_concurrency"
    tasks    = local.tasks
  }
  reached = {
    permitted = local.permitted
    limit     = local.slowest.what
    spread_ms = 1000 * local.spread_seconds
    share     = local.slowest.share
  }
}

output "rates" {
  description = <<-EOT
    The calls a second (unit) that are let out where all that the vendor permits is reached, and that
    the workers carry, with the setting that is the limit, and the most tasks of a parcel.
  EOT
  value       = local.rates

  precondition {
    condition = local.rates.admitted <= local.rates.drained
    error_message = join(" ", [
      "The limits let out ${format("%.1f", local.rates.admitted)} calls a second, but",
      "${var.sizing.work.maximum_concurrency} workers carry ${format("%.1f", local.rates.drained)}: a parcel of",
      "${local.tasks} has a worker for ${format("%.1f", local.held_seconds)} s. Raise",
      "sizing.work.maximum_concurrency to ${ceil(local.rates.admitted * local.held_seconds / local.tasks)}.",
    ])
  }
  precondition {
    condition = var.sizing.work.timeout_seconds >= local.longest_seconds
    error_message = join(" ", [
      "sizing.work.timeout_seconds (${var.sizing.work.timeout_seconds}) ends a worker before its parcel: the lead,",
      "what is let out ahead, ${local.tasks} slots, the longest call and the grace are",
      "${ceil(local.longest_seconds)} s. Raise it to that, or lower pace.call_ms or pace.tasks_a_parcel.",
    ])
  }
}

output "bound" {
  description = <<-EOT
    The most of the permitted rate that can be reached without a refusal, T / (T + J): the permitted
    calls a second, the limit they come from, the spread J in milliseconds, and the share.
  EOT
  value       = local.reached

  precondition {
    condition = local.reached.share >= var.pace.least_share
    error_message = join(" ", [
      "Of the vendor's \"${local.reached.limit}\" no more than ${format("%.3f", local.reached.share)} can be",
      "reached without a refusal, for slots must bear a spread of ${local.reached.spread_ms} ms",
      "(2 x pace.clock_ms + pace.way_ms + pace.tolerance_ms). Lower those, declare the vendor's own",
      "longer window, or accept it by pace.least_share.",
    ])
  }
}
