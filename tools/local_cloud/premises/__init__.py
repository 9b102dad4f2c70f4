"""A stand-in for a client's premises: a small PostgreSQL of its own behind a front that speaks TLS,
counts connections and statements, and slows, cuts and black-holes them.

`process` serves it, `stand_in` starts and steers it. It knows no pipeline: who starts it says which
tables are there, and whose role comes in.
"""
