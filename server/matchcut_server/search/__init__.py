"""Search in the keywords of a catalog: moments, statistics, related keywords."""
