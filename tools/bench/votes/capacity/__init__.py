"""How Sluice scales past one machine: a model of AWS's own limits, in small time steps.

(docs/votes/capacity.md).
"""
