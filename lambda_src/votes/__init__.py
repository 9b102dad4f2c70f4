"""The votes pipeline: receive, process, write, tally, results."""
