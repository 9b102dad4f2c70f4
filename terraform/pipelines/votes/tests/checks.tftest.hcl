# Planned with the attached provider: how often the checks run, and that they can be switched off.

provider "aws" {
  region = "us-east-1"
}

variables {
  name     = "sluice-test-votes"
  voting   = { aspects = ["overall"] }
  counting = { shards = 4 }
}

run "each_minute_where_nobody_says_otherwise" {
  command = plan

  assert {
    condition = (
      join(" ", keys(module.check)) == "probe" && contains(keys(module.conservation.metrics), "mappings-off")
    )
    error_message = "Both checks have a schedule."
  }
  assert {
    condition = (
      output.settings.latency_seconds
      == module.ingest.visibility_seconds + module.count.visibility_seconds
    )
    error_message = "A ballot may take as long as one crash in each function lets it."
  }
}

run "zero_switches_them_off" {
  command = plan
  variables {
    checks = { conservation_minutes = 0, probe_minutes = 0, latency_seconds = 42 }
  }

  assert {
    condition     = length(module.check) == 0 && length(module.conservation.metrics) == 0
    error_message = "No schedule is left."
  }
  assert {
    condition = length(setintersection(output.alarms, [
      for key in ["witnesses-missing", "conservation-silent", "mappings-off", "probe-age", "probe-wrong"] :
      "sluice-test-votes-${key}"
    ])) == 0
    error_message = "What does not run raises no alarm by its silence."
  }
  assert {
    condition     = output.settings.latency_seconds == 42 && contains(keys(output.functions), "probe")
    error_message = "The functions stay, to be called by hand."
  }
}

run "one_without_the_other" {
  command = plan
  variables {
    checks = { probe_minutes = 0 }
  }

  assert {
    condition = (
      length(module.check) == 0 &&
      contains(output.alarms, "sluice-test-votes-mappings-off") &&
      !contains(output.alarms, "sluice-test-votes-probe-age")
    )
    error_message = "Each check has its own switch."
  }
}
