"""People on shifts: signing up, waiting, withdrawing."""
