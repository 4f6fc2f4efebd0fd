"""A volunteer's record beyond hours: honours, evaluation, star level; and its way to the State."""
