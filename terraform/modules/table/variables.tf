variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.name))
    error_message = "name must be 3-255 letters, digits, '_', '.' or '-', DynamoDB's rule."
  }
}

variable "hash_key" {
  description = "Name and type (S, N or B; default S) of the partition key."
  type = object({
    name = string
    type = optional(string, "S")
  })
  nullable = false

  validation {
    condition     = contains(["S", "N", "B"], var.hash_key.type)
    error_message = "hash_key.type must be \"S\" (string), \"N\" (number) or \"B\" (binary)."
  }
}

variable "range_key" {
  description = "Name and type (S, N or B; default S) of the sort key; null (default) for none."
  type = object({
    name = string
    type = optional(string, "S")
  })
  default = null

  validation {
    condition = (
      var.range_key
      == null ? true : contains(["S", "N", "B"], var.range_key.type) && var.range_key.name != var.hash_key.name
    )
    error_message = "range_key.type must be \"S\", \"N\" or \"B\", and its name another than the hash key's."
  }
}

variable "capacity" {
  description = <<-EOT
    How capacity is paid: on_demand (default), made warm for some units a second and held below a
    most (default the account's quota), or provisioned between a least and a most number of units.
  EOT
  type = object({
    on_demand = optional(object({
      warm = optional(object({ read_units = number, write_units = number }))
      most = optional(object({ read_units = number, write_units = number }))
    }))
    provisioned = optional(object({
      read                = object({ least = number, most = number })
      write               = object({ least = number, most = number })
      utilisation_percent = optional(number, 70)
    }))
  })
  default  = { on_demand = {} }
  nullable = false

  validation {
    condition     = (var.capacity.on_demand == null) != (var.capacity.provisioned == null)
    error_message = "capacity must be one of { on_demand = {...} } and { provisioned = {...} }."
  }
  validation {
    condition = try(
      var.capacity.on_demand.warm.read_units >= 12000 && var.capacity.on_demand.warm.write_units >= 4000,
      true,
    )
    error_message = join(" ", [
      "capacity.on_demand.warm needs 12000 or more read_units and 4000 or more write_units, which",
      "every new table bears anyway; leave warm out for those.",
    ])
  }
  validation {
    condition = try(
      var.capacity.on_demand.most.read_units >= 1 && var.capacity.on_demand.most.write_units >= 1,
      true,
    )
    error_message = "capacity.on_demand.most must be 1 or more read_units and write_units: DynamoDB throttles beyond."
  }
  validation {
    condition = try(
      var.capacity.on_demand.most.read_units >= var.capacity.on_demand.warm.read_units &&
      var.capacity.on_demand.most.write_units >= var.capacity.on_demand.warm.write_units,
      true,
    )
    error_message = join(" ", [
      "capacity.on_demand.most is below what the table is made warm for, which would be paid and",
      "never used: raise most, or lower warm.",
    ])
  }
  validation {
    condition = try(alltrue([
      for c in [var.capacity.provisioned.read, var.capacity.provisioned.write] : c.least >= 1 && c.most >= c.least
    ]), var.capacity.provisioned == null)
    error_message = "capacity.provisioned needs 1 <= least <= most for both read and write."
  }
  validation {
    condition = try(
      var.capacity.provisioned.utilisation_percent >= 20 && var.capacity.provisioned.utilisation_percent <= 90,
      var.capacity.provisioned == null,
    )
    error_message = "capacity.provisioned.utilisation_percent must be 20-90, Application Auto Scaling's range."
  }
}

variable "indexes" {
  description = <<-EOT
    Global secondary indexes by name (default none): hash_key, range_key (default none), and the
    attributes that it holds beside the keys (default null: all of them; none with []). Only on
    demand.
  EOT
  type = map(object({
    hash_key   = object({ name = string, type = optional(string, "S") })
    range_key  = optional(object({ name = string, type = optional(string, "S") }))
    attributes = optional(set(string))
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.indexes) : can(regex("^[A-Za-z0-9_.-]{3,255}$", name))])
    error_message = "Each key of indexes must be 3-255 letters, digits, '_', '.' or '-', DynamoDB's rule for a name."
  }
  validation {
    condition = alltrue(flatten([
      for i in values(var.indexes) :
      [for key in [i.hash_key, i.range_key] : key == null ? true : contains(["S", "N", "B"], key.type)]
    ]))
    error_message = "The keys of indexes must be \"S\" (string), \"N\" (number) or \"B\" (binary)."
  }
  validation {
    condition = alltrue([
      for types in values({
        for key in concat(
          [var.hash_key], var.range_key == null ? [] : [var.range_key],
          flatten([for i in values(var.indexes) : concat([i.hash_key], i.range_key == null ? [] : [i.range_key])]),
        ) : key.name => key.type...
      }) : length(distinct(types)) == 1
    ])
    error_message = "A key of indexes has another type in the table or in another index: an attribute has one type."
  }
  validation {
    condition = length(var.indexes) == 0 || var.capacity.provisioned == null
    error_message = join(" ", [
      "indexes need capacity = { on_demand = {} }: those of a provisioned table have capacities of",
      "their own, which autoscaling would move and each apply set back.",
    ])
  }
}

variable "stream" {
  description = <<-EOT
    What a stream of the table's changes holds of each: KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or
    NEW_AND_OLD_IMAGES; null (default) for no stream.
  EOT
  type        = string
  default     = null

  validation {
    condition = var.stream == null ? true : contains(
      ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"], var.stream,
    )
    error_message = "stream must be KEYS_ONLY, NEW_IMAGE, OLD_IMAGE or NEW_AND_OLD_IMAGES, or null for none."
  }
}

variable "ttl_attribute" {
  description = <<-EOT
    Attribute with the epoch second after which DynamoDB deletes an item; null (default) keeps items
    for ever.
  EOT
  type        = string
  default     = null
}

variable "point_in_time_recovery" {
  description = "Whether the table can be restored to any second of the last 35 days, at a price per GB (default true)."
  type        = bool
  default     = true
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the table (default true)."
  type        = bool
  default     = true
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of a customer managed key; null (default) leaves encryption to DynamoDB's own free key."
  type        = string
  default     = null

  validation {
    condition = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = join(" ", [
      "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>):",
      "an alias does not work in an IAM policy.",
    ])
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
