resource "aws_lambda_permission" "this" {
  for_each = {
    passing         = { principal = "111111111111" }
    passing_service = { principal = "apigateway.amazonaws.com" }
    passing_url     = { action = "lambda:InvokeFunctionUrl", function_url_auth_type = "NONE" }
    passing_by_url  = { invoked_via_function_url = true }
    passing_org     = { principal_org_id = "o-1234567890" }
    failing         = {}
    failing_false   = { invoked_via_function_url = false }
    failing_url     = { action = "lambda:InvokeFunctionUrl" }
    failing_other   = { action = "lambda:InvokeFunction", function_url_auth_type = "NONE" }
  }

  action                   = try(each.value.action, "lambda:InvokeFunction")
  principal                = try(each.value.principal, "*")
  function_name            = aws_lambda_function.consumer.function_name
  qualifier                = aws_lambda_alias.live.name
  function_url_auth_type   = try(each.value.function_url_auth_type, null)
  invoked_via_function_url = try(each.value.invoked_via_function_url, null)
  principal_org_id         = try(each.value.principal_org_id, null)
}

resource "aws_lambda_permission" "unknown" {
  action        = "lambda:InvokeFunction"
  principal     = local.hidden
  function_name = aws_lambda_function.consumer.function_name
}
