"""January's peak of delivery against a small database: by lanes, and by functions with a connection
each.
"""
