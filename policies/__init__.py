"""What a queue pipeline must hold, as checkov checks on a plan.

docs/reference/policies.md explains each check and how to run them.

checkov runs every file of a folder that has an `__init__.py`, each as a module of its own. What the
checks share is in `sluice_pipeline/`, which has none, so that it is imported once.
"""
