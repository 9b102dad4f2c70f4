locals {
  alarm_topic = null # nobody is called because of this machine
}
