"""The store: the only truth, and durable."""
