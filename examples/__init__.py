"""A made-up catalog of videos in the JSON shape of Azure AI Video Indexer, to try Matchcut with."""
