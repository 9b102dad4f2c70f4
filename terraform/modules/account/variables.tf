variable "name" {
  description = <<-EOT
    Prefix of every name in the account, such as "sluice-prod"; the roles may touch only what is
    called <name>-… and nothing else.
  EOT
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name)) && !endswith(var.name, "-")
    error_message = join(" ", [
      "name must be 2-30 lower-case letters, digits or '-', start with a letter and not end with",
      "'-': bucket names are made of it and the account's number.",
    ])
  }
}

variable "github" {
  description = <<-EOT
    Whom the roles trust: the repository (ORG/REPO) and its id (a number, as text), what its tokens'
    subjects begin with (default repo:ORG/REPO), the branch that only reviewed changes reach
    (default main); for each role a GitHub environment and the files of the workflows, on that
    branch, that may be it, and for planning those of pull requests (default none); the tokens'
    audience (default sts.amazonaws.com), and the ARN of a provider that the account has already
    (default null: one is made).
  EOT
  type = object({
    repository     = string
    repository_id  = string
    subject_prefix = optional(string)
    branch         = optional(string, "main")
    plan = object({
      environment            = string
      workflows              = set(string)
      pull_request_workflows = optional(set(string), [])
    })
    apply = object({
      environment = string
      workflows   = set(string)
    })
    audience     = optional(string, "sts.amazonaws.com")
    provider_arn = optional(string)
  })
  nullable = false

  validation {
    condition = can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github.repository))
    error_message = join(" ", [
      "github.repository must be one repository by name, \"ORG/REPO\", without a wildcard: ORG/*",
      "trusts every repository of the organisation.",
    ])
  }
  validation {
    condition = can(regex("^[1-9][0-9]*$", var.github.repository_id))
    error_message = join(" ", [
      "github.repository_id must be GitHub's number of the repository (`gh api repos/ORG/REPO --jq",
      ".id`): a name can be given up, and taken by somebody else.",
    ])
  }
  validation {
    condition = var.github.subject_prefix == null ? true : (
      replace(var.github.subject_prefix, "/@[0-9]+/", "") == "repo:${var.github.repository}"
    )
    error_message = join(" ", [
      "github.subject_prefix must be of github.repository: \"repo:ORG/REPO\", or with ids where",
      "subjects are immutable, \"repo:ORG@123/REPO@456\"; GitHub's OIDC settings show it.",
    ])
  }
  validation {
    condition = can(regex("^[A-Za-z0-9._/-]+$", var.github.branch))
    error_message = join(" ", [
      "github.branch must be one branch by name, such as \"main\", without a wildcard: only what was",
      "reviewed may reach it.",
    ])
  }
  validation {
    condition = alltrue([
      for environment in [var.github.plan.environment, var.github.apply.environment] :
      can(regex("^[^:*?\\s]+$", environment))
    ])
    error_message = join(" ", [
      "github.plan.environment and github.apply.environment must each be one GitHub environment by",
      "name, without a wildcard: a branch's or a pull request's token knows no approval.",
    ])
  }
  validation {
    condition = var.github.plan.environment != var.github.apply.environment
    error_message = join(" ", [
      "github.apply.environment is github.plan.environment: the environment that approves an apply",
      "must not be the one that plans.",
    ])
  }
  validation {
    condition = length(var.github.plan.workflows) > 0 && length(var.github.apply.workflows) > 0 && alltrue([
      for file in setunion(
        var.github.plan.workflows, var.github.plan.pull_request_workflows, var.github.apply.workflows,
      ) :
      can(regex("^[A-Za-z0-9._-]+\\.ya?ml$", file))
    ])
    error_message = join(" ", [
      "github.plan.workflows and github.apply.workflows must each name at least one file of",
      ".github/workflows, such as \"promote.yml\", without a wildcard: any other workflow could",
      "run anything.",
    ])
  }
  validation {
    condition = length(setintersection(var.github.plan.pull_request_workflows, var.github.apply.workflows)) == 0
    error_message = join(" ", [
      "A workflow of github.plan.pull_request_workflows is in github.apply.workflows too: a pull",
      "request changes the workflow that it runs.",
    ])
  }
  validation {
    condition = try(can(regex("^[^*?\\s]+$", var.github.audience)), false)
    error_message = join(" ", [
      "github.audience must be what the tokens are made for, without a wildcard;",
      "\"sts.amazonaws.com\" is what aws-actions/configure-aws-credentials asks for.",
      "Without it, a token made for another service would do.",
    ])
  }
  validation {
    condition = (
      var.github.provider_arn
      == null ? true : can(
        regex(
          "^arn:[^:]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$",
          var.github.provider_arn,
        )
      )
    )
    error_message = join(" ", [
      "github.provider_arn must be the ARN of this account's provider of",
      "token.actions.githubusercontent.com, or null to have one made.",
    ])
  }
}

variable "budget" {
  description = <<-EOT
    Dollars a month, e-mail addresses that are told, and the percentages of it that they are told at
    (default 50, 80 and 100; and when more than all of it is forecast).
  EOT
  type = object({
    dollars    = number
    emails     = set(string)
    at_percent = optional(list(number), [50, 80, 100])
  })
  nullable = false

  validation {
    condition     = var.budget.dollars > 0
    error_message = "budget.dollars must be more than 0."
  }
  validation {
    condition = (
      length(var.budget.emails) >= 1 &&
      length(var.budget.emails) <= 10 &&
      alltrue([for e in var.budget.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", e))])
    )
    error_message = join(" ", [
      "budget.emails must be 1-10 e-mail addresses: a budget that tells nobody is none, and AWS",
      "takes no more than 10.",
    ])
  }
  validation {
    condition = length(var.budget.at_percent) <= 4 && alltrue([for p in var.budget.at_percent : p > 0])
    error_message = join(" ", [
      "budget.at_percent must be at most 4 percentages above 0:",
      "AWS takes 5 notifications, and one is the forecast's.",
    ])
  }
}

variable "alarms" {
  description = <<-EOT
    Who hears the alarms of every pipeline, and of a budget that is spent: e-mail addresses (default
    the budget's), HTTPS addresses by a short name (webhooks, default none), and whether the topic
    has a key of its own for $1 a month (own_key, default true); modules/topic has the rules.
  EOT
  type = object({
    emails   = optional(set(string))
    webhooks = optional(map(string), {})
    own_key  = optional(bool, true)
  })
  default  = {}
  nullable = false
}

variable "keep" {
  description = <<-EOT
    Days that a deleted artifact (default 7) and an overwritten state (default 365) are kept.
  EOT
  type = object({
    deleted_artifact_days = optional(number, 7)
    old_state_days        = optional(number, 365)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.keep.deleted_artifact_days >= 1
    error_message = "keep.deleted_artifact_days must be 1 or more."
  }
  validation {
    condition     = var.keep.old_state_days >= 30
    error_message = "keep.old_state_days must be 30 or more: an old state is what a mistake is mended from."
  }
}

variable "trail" {
  description = <<-EOT
    Whether CloudTrail keeps who read or wrote which object of the state's and the artifacts'
    buckets, and the days that it is kept (default off, and 365).
  EOT
  type = object({
    on        = optional(bool, false)
    keep_days = optional(number, 365)
  })
  default  = {}
  nullable = false

  validation {
    condition = var.trail.keep_days >= 90
    error_message = join(" ", [
      "trail.keep_days must be 90 or more: who did something is asked when it is found, not when it",
      "happens.",
    ])
  }
}

variable "tags" {
  description = "Tags of everything here that takes tags, beside the provider's default tags (default none)."
  type        = map(string)
  default     = {}
  nullable    = false
}
