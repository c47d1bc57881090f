"""Interest profiles of users: what they declare, and what follows from what they do."""
