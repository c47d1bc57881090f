"""From matches to the answer a caller gets: paging, limits and explanations."""
