"""The bench: Sluice and three plainer designs do the same work in one run, counted from the calls
that they really make.
"""
