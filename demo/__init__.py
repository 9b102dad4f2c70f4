"""`make demo`: a burst of real films' ballots through the deployed pipeline, and the proof that each was counted."""
