"""The command `matchcut`."""
