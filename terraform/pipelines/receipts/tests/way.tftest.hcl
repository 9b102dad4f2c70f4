# Planned with the attached provider: pages of one origin, customers with a token, a reader
# elsewhere and a customer's key throughout.

provider "aws" {
  region = "us-east-1"
}

variables {
  name      = "sluice-test-receipts"
  reading   = { hints = { country = "GB", day_first = true, currencies = ["GBP"] } }
  endpoints = { TEXTRACT = "http://127.0.0.1:4000" }
  api = {
    origins       = ["https://app.example.com"]
    jwt           = { issuer = "https://login.example.com", audience = ["receipts"] }
    trusted_scope = "receipts/all"
  }
  kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/1234"
}

run "what_is_said_reaches_who_needs_it" {
  command = plan

  assert {
    condition = (
      module.image.send.key.arn == var.kms_key_arn &&
      module.ledger.index["waiting"]["query"].key.arn == var.kms_key_arn &&
      module.documents.put["results"].key.arn == var.kms_key_arn
    )
    error_message = "What may be called comes with the key it needs."
  }
  assert {
    condition     = output.settings.hints.country == "GB" && output.quotas.textract_analyze_expense == 5
    error_message = "Hints are passed on, and the quota is AWS's own where nobody says another."
  }
  assert {
    condition = (
      module.image.visibility_seconds == 6 * module.read.timeout_seconds &&
      module.intake.visibility_seconds == 6 * module.split.timeout_seconds
    )
    error_message = "A message is seen again when its consumer has surely ended."
  }
}

run "an_agent_alone_delivers" {
  command = plan
  variables {
    delivery = {
      lanes = 0
      agent = {
        trust_anchor_arn = "arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/1234"
        common_names     = ["receipts-agent"]
      }
    }
  }

  assert {
    condition = (
      contains(output.alarms, "sluice-test-receipts-agent-silent") &&
      !contains(output.alarms, "sluice-test-receipts-lane-silent")
    )
    error_message = "Its silence is heard, and no lane's is."
  }
  assert {
    condition = [for s in jsondecode(output.agent.policy).Statement : s.Action if !can(s.Condition)] == [
      ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage"], ["sqs:SendMessage"], ["s3:GetObject"],
    ]
    error_message = "Five actions, on two queues and one prefix."
  }
  assert {
    condition = alltrue([
      for s in jsondecode(output.agent.policy).Statement :
      s.Resource == [var.kms_key_arn] if can(s.Condition.StringEquals)
    ])
    error_message = "What may be called comes with the key it needs."
  }
  assert {
    condition = [
      for s in jsondecode(output.agent.policy).Statement :
      [s.Action, s.Condition.StringLike] if can(s.Condition.StringLike)
    ] == [[["s3:ListBucket"], { "s3:prefix" = "results/*/*.json" }]]
    error_message = "It is told that a document is gone, and lists none whose name it does not know."
  }
}

run "lanes_reach_the_database_where_it_is" {
  command = plan
  variables {
    delivery = {
      lanes      = 3
      secret_arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:site-login"
      network    = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    }
  }

  assert {
    condition = (
      local.database_secret.resources == ["arn:aws:secretsmanager:us-east-1:000000000000:secret:site-login-??????"] &&
      length(aws_secretsmanager_secret.database) == 0
    )
    error_message = "The secret that is given is read, and none is made."
  }
  assert {
    condition     = contains(output.alarms, "sluice-test-receipts-lane-silent") && output.agent.role_arn == null
    error_message = "Lanes are watched, and no agent comes in."
  }
}
