output "alarms" {
  description = "Names of all alarms."
  value = sort(concat(
    values(aws_cloudwatch_metric_alarm.age)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.dead_letters)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.mapping_off)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.errors)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.throttles)[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.table_throttles)[*].alarm_name,
    aws_cloudwatch_metric_alarm.server_errors[*].alarm_name,
    values(aws_cloudwatch_metric_alarm.metric)[*].alarm_name,
  ))
}

output "dashboard" {
  description = "Name of the dashboard; null where the level is \"essential\"."
  value       = one(aws_cloudwatch_dashboard.this[*].dashboard_name)
}
