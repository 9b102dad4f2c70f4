variable "counting" {
  description = <<-EOT
    Shards (never changed later), seconds until results show a ballot (a slot, default 5), seconds
    until it is in its title's row too (default 0: each slot folds the titles, and there are no
    views), most changes one fold takes in (default 20000), the share of ballots that leave
    witnesses (default one in 1024), and whether votes are stored packed, in half the bytes, which
    release 0.1.0 cannot read (default no).
  EOT
  type = object({
    shards        = number
    slot_seconds  = optional(number, 5)
    fold_seconds  = optional(number, 0)
    epoch_changes = optional(number, 20000)
    witness_share = optional(number, 1024)
    packed_votes  = optional(bool, false)
  })
  nullable = false

  validation {
    condition = (
      var.counting.shards >= 1 &&
      var.counting.shards <= 256 &&
      floor(var.counting.shards) == var.counting.shards
    )
    error_message = join(" ", [
      "counting.shards must be a whole number, 1-256: about one for each 600 ballots a second at",
      "the peak, 4 for a small environment.",
    ])
  }
  validation {
    condition = (
      var.counting.slot_seconds >= 1 &&
      var.counting.slot_seconds <= 240 &&
      floor(var.counting.slot_seconds) == var.counting.slot_seconds
    )
    error_message = join(" ", [
      "counting.slot_seconds must be a whole number, 1-240: a slot must end well before SQS",
      "forgets its deduplication id, after 300 s.",
    ])
  }
  validation {
    condition = (
      var.counting.fold_seconds >= 0 &&
      var.counting.fold_seconds <= 3600 &&
      floor(var.counting.fold_seconds) == var.counting.fold_seconds
    )
    error_message = join(" ", [
      "counting.fold_seconds must be a whole number, 0-3600: a release without views, gone back to,",
      "shows what is folded alone.",
    ])
  }
  validation {
    condition = var.counting.epoch_changes >= 1 && var.counting.witness_share >= 1
    error_message = join(" ", [
      "counting.epoch_changes and counting.witness_share must be 1 or more (a share of 1 makes",
      "every ballot a witness).",
    ])
  }
}
