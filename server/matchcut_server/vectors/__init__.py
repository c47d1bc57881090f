"""Keyword sets and interests to weighted terms: pure functions."""
