# What the emulator asks of a role where AWS asks for something else that the pipeline grants; so
# this is here and in no module.

# It asks for lambda:ListEventSourceMappings where AWS asks for GetEventSourceMapping, and names a
# log group without ":*".
resource "aws_iam_role_policy" "emulator_checks" {
  name = "emulator-checks"
  role = module.votes.functions.conservation.role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["lambda:ListEventSourceMappings"]
        Resource = ["arn:aws:lambda:${local.region}:${local.account_id}:event-source-mapping:*"]
      },
      {
        Effect = "Allow"
        Action = ["logs:FilterLogEvents"]
        Resource = [
          for name in ["receive", "process", "write"] :
          "arn:aws:logs:${local.region}:${local.account_id}:log-group:${module.votes.functions[name].log_group}"
        ]
      },
    ]
  })
}

# It knows PartiQL's batches only as dynamodb:BatchExecuteStatement, on "*"; AWS asks for
# dynamodb:PartiQLInsert and PartiQLUpdate on the table.
resource "aws_iam_role_policy" "emulator_partiql" {
  # checkov:skip=CKV_AWS_355: The emulator matches this action against no narrower resource; AWS never gets this.
  # checkov:skip=CKV_AWS_290: It only writes what PartiQL writes; the emulator can bind it to no table.
  name = "emulator-partiql"
  role = module.votes.functions.write.role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["dynamodb:BatchExecuteStatement"]
      Resource = ["*"]
    }]
  })
}
