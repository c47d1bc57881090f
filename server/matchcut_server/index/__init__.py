"""Indexes: which videos match a profile, and how well."""
