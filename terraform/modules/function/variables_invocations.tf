# What invokes the function beside who calls it: queues, and events that nobody waits for.

variable "consumes" {
  description = <<-EOT
    Queues the function takes from: the queue module itself, messages a batch (default 10), whether
    it sets the visibility of a message that failed itself (backs_off, default true), and either
    most batches at once (maximum_concurrency) or pollers of its own, which are paid by the hour and
    start a burst sooner (pollers: least, default 2, and most, default 10).
  EOT
  type = map(object({
    queue = object({
      arn      = string
      fifo     = bool
      consumer = object({ timeout_seconds = number, window_seconds = number })
      consume = object({
        actions   = list(string)
        resources = list(string)
        key       = optional(object({ arn = string, actions = list(string), service = string }))
      })
    })
    batch_size          = optional(number, 10)
    backs_off           = optional(bool, true)
    maximum_concurrency = optional(number)
    pollers             = optional(object({ least = optional(number, 2), most = optional(number, 10) }))
  }))
  default  = {}
  nullable = false

  validation {
    condition = var.sizing.reserved_concurrency == null || length(var.consumes) == 0
    error_message = join(" ", [
      "sizing.reserved_concurrency is for what answers requests: a queue's consumer is limited by",
      "consumes[*].maximum_concurrency, since a reservation turns healthy messages into dead letters.",
    ])
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      c.queue.consumer.timeout_seconds >= var.sizing.timeout_seconds
    ])
    error_message = join(" ", [
      "A queue that the function consumes was built for a shorter timeout than",
      "sizing.timeout_seconds: give both the same number (queue:",
      "consumer.timeout_seconds), so that visibility holds.",
    ])
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      c.batch_size >= 1 && c.batch_size <= (c.queue.fifo ? 10 : 10000)
    ])
    error_message = "consumes[*].batch_size must be 1-10 for a FIFO queue and 1-10000 for a standard one."
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      c.batch_size <= 10 || c.queue.consumer.window_seconds >= 1
    ])
    error_message = join(" ", [
      "A batch of more than 10 messages needs a batching window:",
      "set the queue's consumer.window_seconds to 1 or more, or consumes[*].batch_size to 10 or",
      "less.",
    ])
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      (c.maximum_concurrency == null) != (c.pollers == null)
    ])
    error_message = join(" ", [
      "consumes[*] needs maximum_concurrency or pollers, and not both: AWS takes one of them; each",
      "poller runs up to 10 invocations at once.",
    ])
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      c.pollers == null ? true : (
        c.pollers.least >= 2 && c.pollers.least <= 200 &&
        c.pollers.most >= c.pollers.least && c.pollers.most <= 2000
      )
    ])
    error_message = "consumes[*].pollers.least must be 2-200 and pollers.most from there to 2000, SQS's ranges."
  }
  validation {
    condition = alltrue([
      for c in values(var.consumes) :
      c.maximum_concurrency == null ? true : c.maximum_concurrency >= 2 && c.maximum_concurrency <= 1000
    ])
    error_message = join(" ", [
      "consumes[*].maximum_concurrency must be 2-1000, SQS's range;",
      "it is what paces the function (reserved concurrency would send healthy messages to the",
      "dead-letter queue).",
    ])
  }
}

variable "asynchronous" {
  description = <<-EOT
    What Lambda does with an event nobody waits for (a schedule's, a notification's): how often it
    tries again after an error (retries, default 0), for how many seconds an event may wait
    (age_seconds, default 300), and where one goes that failed (on_failure: a queue module; default
    nowhere). null (default) is for a function that nothing invokes so.
  EOT
  type = object({
    retries     = optional(number, 0)
    age_seconds = optional(number, 300)
    on_failure = optional(object({
      arn = string
      send = object({
        actions   = list(string)
        resources = list(string)
        key       = optional(object({ arn = string, actions = list(string), service = string }))
      })
    }))
  })
  default = null

  validation {
    condition = var.asynchronous == null ? true : (
      contains([0, 1, 2], var.asynchronous.retries) &&
      var.asynchronous.age_seconds >= 60 && var.asynchronous.age_seconds <= 21600
    )
    error_message = "asynchronous.retries must be 0, 1 or 2 and asynchronous.age_seconds 60-21600, Lambda's ranges."
  }
}

variable "recursion" {
  description = <<-EOT
    What Lambda does with a message that comes back to this function through a queue about 16
    times: "terminate" it (default), or "allow" it, for a loop that is meant and ends by itself.
  EOT
  type        = string
  default     = "terminate"
  nullable    = false

  validation {
    condition     = contains(["terminate", "allow"], var.recursion)
    error_message = "recursion must be \"terminate\" or \"allow\"; allow only what has a guard of its own that ends it."
  }
}
