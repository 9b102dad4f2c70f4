"""The delivery of what was read into a database that must not fall over: one lane's loop, its
messages, and the database behind a port. deliver runs it, and so does the agent on the premises.
"""
