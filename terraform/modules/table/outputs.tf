locals {
  # What DynamoDB asks of the caller's rights on a customer managed key.
  read_key = var.kms_key_arn == null ? null : {
    arn     = var.kms_key_arn
    actions = ["kms:Decrypt", "kms:DescribeKey"]
    service = "dynamodb"
  }
  write_key = var.kms_key_arn == null ? null : {
    arn = var.kms_key_arn
    actions = [
      "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ]
    service = "dynamodb"
  }
}

output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "arn" {
  description = "ARN of the table, known at plan time; what refers to it waits for the table."
  value       = local.arn
  depends_on  = [aws_dynamodb_table.this]
}

output "read" {
  description = <<-EOT
    Statements for a function's allows, one for each way to read: get, batch_get, query, scan,
    partiql_select.
  EOT
  value = { for name, action in {
    get            = "GetItem"
    batch_get      = "BatchGetItem"
    query          = "Query"
    scan           = "Scan"
    partiql_select = "PartiQLSelect"
  } : name => { actions = ["dynamodb:${action}"], resources = [local.arn], key = local.read_key } }
}

output "write" {
  description = <<-EOT
    Statements for a function's allows, one for each way to write: put, update, delete, batch_write,
    condition_check, partiql_insert, partiql_update, partiql_delete.
  EOT
  value = { for name, action in {
    put             = "PutItem"
    update          = "UpdateItem"
    delete          = "DeleteItem"
    batch_write     = "BatchWriteItem"
    condition_check = "ConditionCheckItem"
    partiql_insert  = "PartiQLInsert"
    partiql_update  = "PartiQLUpdate"
    partiql_delete  = "PartiQLDelete"
  } : name => { actions = ["dynamodb:${action}"], resources = [local.arn], key = local.write_key } }
}

output "index" {
  description = "Statements for a function's allows, for each of indexes one for each way to read it: query, scan."
  value = {
    for index in keys(var.indexes) :
    index => { for name, action in { query = "Query", scan = "Scan" } : name => {
      actions                              = ["dynamodb:${action}"]
      resources                            = ["${local.arn}/index/${index}"]
      key                                  = local.read_key
    } }
  }
}

output "stream" {
  description = "ARN of the stream, and the statement for who reads it (read); null where there is none."
  value = var.stream == null ? null : {
    arn = aws_dynamodb_table.this.stream_arn
    read = {
      actions = [
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
      ]
      resources = ["${local.arn}/stream/*"]
      key       = local.read_key
    }
  }
}
