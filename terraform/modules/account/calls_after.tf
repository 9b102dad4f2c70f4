# As calls.tf: what is asked of an environment once it is applied, and going back.

locals {
  # The probe's rows, by either of its names: a request's, or its token's (lambda_src/shared/bearer.py).
  probe_by_token = base64sha256(jsonencode(["urn:sluice:probe", "probe"]))

  of_the_probe = {
    "ForAllValues:StringEquals" = {
      "dynamodb:LeadingKeys" = [
        "probe", replace(replace(trimsuffix(local.probe_by_token, "="), "+", "-"), "/", "_"),
      ]
    }
    Null = { "dynamodb:LeadingKeys" = "false" }
  }

  calls_after = {
    soak = {
      reason = join(" ", [
        "After an apply: the functions that check conservation and cast the probe's ballot, and those",
        "behind the APIs, which are asked where their API wants a token or a signature.",
      ])
      reads   = []
      applies = ["lambda:InvokeFunction"]
      on = [
        for function in ["conservation", "probe", "receive", "results", "accept", "account", "start", "runs"] :
        "${local.own.lambda}:function:${local.prefix}-${function}:*"
      ]
      when = null
    }
    progress = {
      reason = join(" ", [
        "After an apply: how far the counting is, by the key of a head and of the fold, and how a",
        "vendor's account is, by its key; none can be queried or scanned.",
      ])
      reads   = []
      applies = ["dynamodb:GetItem"]
      on = [
        for table in ["journal", "tallies", "accounts"] : "${local.own.dynamodb}:table/${local.prefix}-${table}"
      ]
      when = null
    }
    accounted = {
      reason  = "After an apply: whether a batch's or a run's rows add up, and what waits; nothing of what was read."
      reads   = []
      applies = ["dynamodb:GetItem", "dynamodb:Query"]
      on      = [for rows in ["", "/index/*"] : "${local.own.dynamodb}:table/${local.prefix}-ledger${rows}"]
      when    = null
    }
    billed = {
      reason = join(" ", [
        "After an apply: what AWS bills for a vote that PartiQL puts, by putting the probe's own as it",
        "stands; the condition narrows it to the probe, by either of its names.",
      ])
      reads   = []
      applies = ["dynamodb:PartiQLUpdate"]
      on      = ["${local.own.dynamodb}:table/${local.prefix}-votes"]
      when    = local.of_the_probe
    }
    going_back = {
      reason  = "make rollback writes down what it does, and reads what it did before; those keys alone."
      reads   = []
      applies = ["s3:GetObject", "s3:PutObject"]
      on      = ["${local.aws}:s3:::${local.prefix}/audit/rollback/*"]
      when    = null
    }
  }
}
