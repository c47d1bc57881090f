"""Benchmarks: how fast Matchcut is, beside what else could do the same. Run them with `make bench`."""
