"""Video Indexer documents to videos: shapes, times and text as extractors write them."""
