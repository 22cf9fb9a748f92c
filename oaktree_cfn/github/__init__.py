"""GitHub, as far as a workflow needs it: the run we are in, and one comment that stays up to date."""
