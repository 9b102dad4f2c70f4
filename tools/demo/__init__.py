"""A pipeline on this machine, from nothing to the proof that it did its job; each in its room."""
