# The way into the database, and its pace.

variable "delivery" {
  description = <<-EOT
    How what was read comes into the database: connections at most (lanes, default 1; 0 where the
    agent alone delivers), seconds a slot in which a lane is woken once (default 5), rows a
    transaction at most (default 500), milliseconds that one should take (default 250), rest between
    two at most (default 5000), the table (default receipts), the ARN of the secret that holds the
    login (default null: one is made, empty), the subnets and security groups that lead there, as
    modules/network gives them (default null: none), and the agent on the premises (default none):
    the ARN of the trust anchor and the common names of the certificates that it comes in with, and
    whether its silence is an alarm (expected, default true).
  EOT
  type = object({
    lanes        = optional(number, 1)
    slot_seconds = optional(number, 5)
    most_rows    = optional(number, 500)
    latency_ms   = optional(number, 250)
    most_rest_ms = optional(number, 5000)
    table        = optional(string, "receipts")
    secret_arn   = optional(string)
    network      = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
    agent = optional(object({
      trust_anchor_arn = string
      common_names     = set(string)
      expected         = optional(bool, true)
    }))
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(range(0, 101), var.delivery.lanes)
    error_message = "delivery.lanes must be a whole number, 0-100: each lane is one connection to the database."
  }
  validation {
    condition     = var.delivery.lanes > 0 || var.delivery.agent != null
    error_message = "delivery.lanes = 0 leaves nobody who delivers: set delivery.agent too, or lanes to 1 or more."
  }
  validation {
    condition     = var.delivery.slot_seconds >= 1 && var.delivery.slot_seconds <= 30
    error_message = "delivery.slot_seconds must be 1-30: a lane waits a slot longer before it gives up its connection."
  }
  validation {
    condition = (
      var.delivery.most_rows >= 1 && var.delivery.most_rows <= 1000 &&
      var.delivery.latency_ms >= 1 && var.delivery.latency_ms <= 5000 &&
      var.delivery.most_rest_ms >= 0 && var.delivery.most_rest_ms <= 60000
    )
    error_message = join(" ", [
      "delivery.most_rows must be 1-1000, delivery.latency_ms 1-5000 (a statement is cut off after 5 s)",
      "and delivery.most_rest_ms 0-60000.",
    ])
  }
  validation {
    condition     = can(regex("^[a-z_][a-z0-9_]{0,62}(\\.[a-z_][a-z0-9_]{0,62})?$", var.delivery.table))
    error_message = "delivery.table must be a table's name in lower case, such as \"receipts\" or \"site.receipts\"."
  }
  validation {
    condition = var.delivery.secret_arn == null ? true : can(
      regex("^arn:[^:]+:secretsmanager:[^:]+:[0-9]{12}:secret:[^*?]+$", var.delivery.secret_arn)
    )
    error_message = "delivery.secret_arn must be the ARN of a secret: the login itself belongs in no file and no state."
  }
  validation {
    condition = var.delivery.agent == null ? true : (
      can(regex("^arn:[^:]+:rolesanywhere:.*:trust-anchor/[^*?]+$", var.delivery.agent.trust_anchor_arn)) &&
      length(var.delivery.agent.common_names) > 0 &&
      alltrue([for name in var.delivery.agent.common_names : can(regex("^[^*?]+$", name))])
    )
    error_message = join(" ", [
      "delivery.agent needs trust_anchor_arn, the whole ARN of one trust anchor, and common_names, the",
      "subjects' CN of the agent's certificates, without a wildcard: a CA signs more than the agent's.",
    ])
  }
}
