# With a mocked provider: runs that start by themselves, and the minute that wakes.

mock_provider "aws" {}

run "none_where_nobody_says_one" {
  command = plan

  assert {
    condition     = join(" ", keys(output.schedules)) == "wake"
    error_message = "A silent pacer is woken whoever started the run."
  }
}

run "a_run_a_day_and_a_whole_one_a_month" {
  command = plan
  variables {
    schedules = {
      daily   = { expression = "cron(0 3 * * ? *)", timezone = "Europe/Zurich" }
      monthly = { expression = "cron(0 4 1 * ? *)", since = false }
    }
  }

  assert {
    condition     = join(" ", keys(output.schedules)) == "daily monthly wake"
    error_message = "Each run has a schedule of its own."
  }
  assert {
    condition     = module.pace.asynchronous == null && module.start.asynchronous.retries == 2
    error_message = "Only start is invoked by a schedule, and it is tried again."
  }
}
