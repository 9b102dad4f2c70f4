"""What every pipeline's functions use; imports nothing of ours."""
