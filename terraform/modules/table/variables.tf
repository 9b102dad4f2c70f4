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
    condition     = var.range_key == null ? true : contains(["S", "N", "B"], var.range_key.type) && var.range_key.name != var.hash_key.name
    error_message = "range_key.type must be \"S\", \"N\" or \"B\", and its name another than the hash key's."
  }
}

variable "capacity" {
  description = "How capacity is paid: on_demand (default), made warm for some units a second, or provisioned between a least and a most number of units."
  type = object({
    on_demand = optional(object({
      warm = optional(object({ read_units = number, write_units = number }))
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
    condition     = try(var.capacity.on_demand.warm.read_units >= 12000 && var.capacity.on_demand.warm.write_units >= 4000, true)
    error_message = "capacity.on_demand.warm needs 12000 or more read_units and 4000 or more write_units, which every new table bears anyway; leave warm out for those."
  }
  validation {
    condition = try(alltrue([
      for c in [var.capacity.provisioned.read, var.capacity.provisioned.write] : c.least >= 1 && c.most >= c.least
    ]), var.capacity.provisioned == null)
    error_message = "capacity.provisioned needs 1 <= least <= most for both read and write."
  }
  validation {
    condition     = try(var.capacity.provisioned.utilisation_percent >= 20 && var.capacity.provisioned.utilisation_percent <= 90, var.capacity.provisioned == null)
    error_message = "capacity.provisioned.utilisation_percent must be 20-90, Application Auto Scaling's range."
  }
}

variable "ttl_attribute" {
  description = "Attribute with the epoch second after which DynamoDB deletes an item; null (default) keeps items for ever."
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
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (arn:aws:kms:<region>:<account>:key/<id>): an alias does not work in an IAM policy."
  }
}
