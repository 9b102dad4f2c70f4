# What the API lets in, and what process and write drain, in ballots a second: a throttle counts
# requests, and a queue that takes in more than it drains grows until its messages expire.
#
# The model of docs/votes/capacity.md plays the same durations; a test compares both.

locals {
  # Seconds, bytes and rows of a call, and µs of CPU a ballot on a whole core.
  call    = jsondecode(file("${path.module}/drain.json"))
  seconds = local.call.seconds_a_call
  cpu = { for function, us in local.call.cpu_us_a_ballot :
    function => us / 1000000 * max(1, local.call.core_mb / var.sizing[function].memory_mb)
  }

  # The throttle cannot tell a trusted token's requests from others.
  a_request = var.api.trusted_scope == null ? var.api.most_ballots.voter : max(values(var.api.most_ballots)...)

  # A poller gathers messages until its window, its batch or 6 MB are full, and then has process run.
  message_bytes = (
    local.call.bytes.first_in_an_event + (local.a_request - 1) * local.call.bytes.further_in_an_event
  )
  a_second = local.call.bytes.poller_a_second / local.message_bytes
  gathered = max(1, floor(min(
    var.sizing.process.batch_size,
    local.call.bytes.most_of_an_event / local.message_bytes,
    max(local.call.messages_a_receive, var.sizing.process.window_seconds * local.a_second),
  )))
  batch = local.gathered * local.a_request
  process_seconds = (
    local.gathered / local.a_second
    + local.batch * local.cpu.process
    + local.seconds.get_batch
    + ceil(min(local.batch, var.counting.shards) / 10) * local.seconds.send
  )

  # A writer gets ten messages of one shard: what as many batches of process had for it.
  written = local.call.messages_a_receive * min(
    local.call.ballots_a_count_message, ceil(local.batch / var.counting.shards),
  )
  rounds = { for kind, rows in local.call.rows_a_call : kind => ceil(local.written / rows / local.call.calls_at_once) }
  write_seconds = (
    3 * local.seconds.get + local.seconds.put + local.seconds.send
    + local.rounds.get_batch * local.seconds.get_batch
    + local.rounds.put_batch * local.seconds.put_batch
    + local.written * local.cpu.write
  )

  # The votes' table: provisioned, what it scales to; on demand, what it is made for, or held to.
  units = { for kind, new in local.call.units_of_a_new_table : kind => try(
    var.capacity.votes.provisioned[kind].most,
    min(
      max(new, try(var.capacity.votes.on_demand.warm["${kind}_units"], 0)),
      try(var.capacity.votes.on_demand.most["${kind}_units"], 1000000000),
    ),
  ) }

  writers = min(var.sizing.write.maximum_concurrency, var.counting.shards)
  drains = {
    "process.maximum_concurrency" = var.sizing.process.maximum_concurrency * local.batch / local.process_seconds
    "write.maximum_concurrency"   = local.writers * local.written / local.write_seconds
    "capacity.votes"              = min([for kind, units in local.units : units / local.call.units_a_ballot[kind]]...)
  }

  # What else than an HTTP API throttles nothing: so many of receive at once do, ten requests a second each.
  reserved = var.api.entrance == "http_api" ? null : var.sizing.receive.reserved_concurrency
  requests = local.reserved == null ? var.api.throttle.rate : 10 * local.reserved

  rates = {
    unit     = "ballots"
    admitted = local.requests * local.a_request
    drained  = floor(min(values(local.drains)...))
    limit    = [for what, drained in local.drains : what if drained == min(values(local.drains)...)][0]
  }
}

output "rates" {
  description = <<-EOT
    The most ballots a second (unit) that the API admits, api.throttle.rate (of another entrance ten
    times receive's reserved_concurrency, where it has one) × the most of a request, and that
    process, write and the votes' table drain, with the setting that is the limit.
  EOT
  value       = local.rates

  precondition {
    condition = local.rates.admitted <= local.rates.drained
    error_message = join(" ", [
      "The API would admit ${local.rates.admitted} ballots a second (api.throttle.rate or ten times",
      "sizing.receive.reserved_concurrency, ${local.requests}, × api.most_ballots ${local.a_request}),",
      "but no more than ${local.rates.drained} are drained: the queue grows until ballots expire. Lower",
      "one of the two, or raise ${local.rates.limit} (docs/votes/capacity.md).",
    ])
  }
}
