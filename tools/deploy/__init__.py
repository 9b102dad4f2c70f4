"""From a commit to production: zips, plans and their review, and GitHub's part in it."""
