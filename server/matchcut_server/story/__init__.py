"""A feature story: moments chosen and put in order as a list of cuts."""
