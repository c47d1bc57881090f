"""How good rankings are: judged lists, their figures, and intervals that say how sure these are."""
