"""From a commit to production: packages and plans put where the next step finds them, and what GitHub is told of it."""
