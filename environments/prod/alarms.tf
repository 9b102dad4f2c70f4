locals {
  # Who hears the alarms: `make account` makes the topic, and account/account.tf says whom it tells.
  alarm_topic = "arn:aws:sns:${local.region}:${local.account_id}:sluice-${local.environment}-alarms"
}
