locals {
  # One URL a function, whatever number of routes it answers.
  functions = {
    for name, same in { for route in values(var.routes) : route.function.name => route.function... } : name => same[0]
  }

  callers = var.authorization == "NONE" ? ["*"] : var.callers
  grants = merge([for name, function in local.functions : {
    for caller in local.callers : "${name} ${caller}" => merge(function, { caller = caller })
  }]...)
}

resource "aws_lambda_function_url" "this" {
  # checkov:skip=CKV_AWS_258: Who may call is an input (authorization); anybody may by the URL alone, never by Invoke.
  for_each = local.functions

  function_name      = each.value.name
  qualifier          = each.value.alias
  authorization_type = var.authorization

  dynamic "cors" {
    for_each = var.cors == null ? [] : [var.cors]
    content {
      allow_origins  = cors.value.origins
      allow_methods  = cors.value.methods
      allow_headers  = cors.value.headers
      expose_headers = cors.value.exposed
      max_age        = cors.value.max_age_seconds
    }
  }
}

# Since October 2025 a call by a URL asks for both. The second one holds for calls by the URL alone:
# without its condition, whoever may call could invoke the function with any event.
resource "aws_lambda_permission" "url" {
  for_each = local.grants

  statement_id           = "${substr(var.name, 0, 60)}-url-${substr(sha256(each.key), 0, 8)}"
  action                 = "lambda:InvokeFunctionUrl"
  principal              = each.value.caller
  function_name          = each.value.name
  qualifier              = each.value.alias
  function_url_auth_type = var.authorization
}

resource "aws_lambda_permission" "invoke" {
  for_each = local.grants

  statement_id             = "${substr(var.name, 0, 60)}-by-url-${substr(sha256(each.key), 0, 8)}"
  action                   = "lambda:InvokeFunction"
  principal                = each.value.caller
  function_name            = each.value.name
  qualifier                = each.value.alias
  invoked_via_function_url = true
}
