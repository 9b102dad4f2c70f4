# The check became a module of its own: what is deployed stays what it is.

moved {
  from = module.conservation.aws_cloudwatch_log_group.this
  to   = module.conservation.module.function.aws_cloudwatch_log_group.this
}

moved {
  from = module.conservation.aws_iam_role.this
  to   = module.conservation.module.function.aws_iam_role.this
}

moved {
  from = module.conservation.aws_iam_role_policy.this
  to   = module.conservation.module.function.aws_iam_role_policy.this
}

moved {
  from = module.conservation.aws_lambda_function.this
  to   = module.conservation.module.function.aws_lambda_function.this
}

moved {
  from = module.conservation.aws_lambda_alias.live
  to   = module.conservation.module.function.aws_lambda_alias.live
}

moved {
  from = module.conservation.aws_lambda_function_event_invoke_config.this
  to   = module.conservation.module.function.aws_lambda_function_event_invoke_config.this
}

moved {
  from = module.check["conservation"]
  to   = module.conservation.module.schedule[0]
}

# There are other entrances beside it: what is deployed stays what it is.
moved {
  from = module.api
  to   = module.api[0]
}
