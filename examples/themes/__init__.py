"""The hand-chosen contents of the catalog, one module a theme."""
