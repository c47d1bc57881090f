"""Reads Azure AI Video Indexer accounts."""
