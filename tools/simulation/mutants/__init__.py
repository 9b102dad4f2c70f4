"""What must not survive: broken variants of the handlers and their settings, each with the check
that has to catch it (`make mutants`).
"""
