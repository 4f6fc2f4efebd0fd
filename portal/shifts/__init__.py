"""The waist of the house: an offering has shifts, a shift has places."""
