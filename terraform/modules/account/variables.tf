variable "name" {
  description = "Prefix of every name in the account, such as \"sluice-prod\"; the roles may touch only what is called <name>-… and nothing else."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,29}$", var.name)) && !endswith(var.name, "-")
    error_message = "name must be 2-30 lower-case letters, digits or '-', start with a letter and not end with '-': bucket names are made of it and the account's number."
  }
}

variable "github" {
  description = "Whom the roles trust: the subjects of GitHub's tokens that may plan (pull requests and one environment), the one environment's that may apply, the tokens' audience (default sts.amazonaws.com), and the ARN of a provider that the account has already (default null: one is made)."
  type = object({
    plan_subjects = set(string)
    apply_subject = string
    audience      = optional(string, "sts.amazonaws.com")
    provider_arn  = optional(string)
  })
  nullable = false

  validation {
    condition     = alltrue([for s in concat(tolist(var.github.plan_subjects), [var.github.apply_subject]) : !can(regex("[*?]", s))])
    error_message = "A subject holds a wildcard. repo:ORG/REPO:* trusts every branch, tag and pull request of the repository: name what is trusted, such as \"repo:ORG/REPO:environment:prod\"."
  }
  validation {
    condition     = length(var.github.plan_subjects) > 0 && alltrue([for s in var.github.plan_subjects : can(regex("^repo:[A-Za-z0-9@-]+/[A-Za-z0-9._@-]+:(pull_request|environment:[^:*?]+)$", s))])
    error_message = "github.plan_subjects must be \"repo:ORG/REPO:pull_request\" or \"repo:ORG/REPO:environment:NAME\", at least one. A repository with immutable subjects writes its ids too; GitHub's OIDC settings show the prefix."
  }
  validation {
    condition     = can(regex("^repo:[A-Za-z0-9@-]+/[A-Za-z0-9._@-]+:environment:[^:*?]+$", var.github.apply_subject))
    error_message = "github.apply_subject must be one GitHub environment, \"repo:ORG/REPO:environment:NAME\": a branch's or a pull request's subject knows no approval."
  }
  validation {
    condition     = !contains(var.github.plan_subjects, var.github.apply_subject)
    error_message = "github.apply_subject is among plan_subjects: the environment that approves an apply must not be the one that plans."
  }
  validation {
    condition     = length(distinct([for s in concat(tolist(var.github.plan_subjects), [var.github.apply_subject]) : split(":", s)[1]])) == 1
    error_message = "All subjects must be of one repository."
  }
  validation {
    condition     = try(can(regex("^[^*?\\s]+$", var.github.audience)), false)
    error_message = "github.audience must be what the tokens are made for, without a wildcard; \"sts.amazonaws.com\" is what aws-actions/configure-aws-credentials asks for. Without it, a token made for another service would do."
  }
  validation {
    condition     = var.github.provider_arn == null ? true : can(regex("^arn:[^:]+:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github.provider_arn))
    error_message = "github.provider_arn must be the ARN of this account's provider of token.actions.githubusercontent.com, or null to have one made."
  }
}

variable "budget" {
  description = "Dollars a month, e-mail addresses that are told, and the percentages of it that they are told at (default 50, 80 and 100; and when more than all of it is forecast)."
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
    condition     = length(var.budget.emails) >= 1 && length(var.budget.emails) <= 10 && alltrue([for e in var.budget.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", e))])
    error_message = "budget.emails must be 1-10 e-mail addresses: a budget that tells nobody is none, and AWS takes no more than 10."
  }
  validation {
    condition     = length(var.budget.at_percent) <= 4 && alltrue([for p in var.budget.at_percent : p > 0])
    error_message = "budget.at_percent must be at most 4 percentages above 0: AWS takes 5 notifications, and one is the forecast's."
  }
}

variable "keep" {
  description = "Days that a stored plan (default 14), a deleted or expired artifact (default 7) and an overwritten state (default 365) are kept."
  type = object({
    plan_days             = optional(number, 14)
    deleted_artifact_days = optional(number, 7)
    old_state_days        = optional(number, 365)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.keep.plan_days >= 1 && var.keep.plan_days <= 90
    error_message = "keep.plan_days must be 1-90: a plan holds settings, and an old one applies no more."
  }
  validation {
    condition     = var.keep.deleted_artifact_days >= 1
    error_message = "keep.deleted_artifact_days must be 1 or more."
  }
  validation {
    condition     = var.keep.old_state_days >= 30
    error_message = "keep.old_state_days must be 30 or more: an old state is what a mistake is mended from."
  }
}
