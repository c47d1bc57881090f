"""Users that have been deleted: all that is left of them is a hash that nobody without the store can make."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b

_HASH_BYTES = 16


class Deletions:
    """The deleted users of all catalogs. `secret`: that of the store."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def note(self, connection: sqlite3.Connection, catalog_id: int, user_id: str, time: float) -> None:
        """Keep that a user was deleted at `time`, in Unix seconds."""
        connection.execute(
            "INSERT INTO deleted_users (catalog_id, user_hash, time) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET time = max(time, excluded.time)",
            (catalog_id, self._hash(catalog_id, user_id), time),
        )

    def times(self, connection: sqlite3.Connection, catalog_id: int, user_ids: Iterable[str]) -> dict[str, float]:
        """Tell when those of the users that have been deleted were, the last time."""
        if connection.execute("SELECT 1 FROM deleted_users WHERE catalog_id = ?", (catalog_id,)).fetchone() is None:
            return {}
        query = "SELECT time FROM deleted_users WHERE catalog_id = ? AND user_hash = ?"
        found = {
            user_id: connection.execute(query, (catalog_id, self._hash(catalog_id, user_id))).fetchone()
            for user_id in user_ids
        }
        return {user_id: row[0] for user_id, row in found.items() if row is not None}

    def _hash(self, catalog_id: int, user_id: str) -> bytes:
        content = f"{catalog_id} {user_id}".encode()
        return blake2b(content, digest_size=_HASH_BYTES, key=self._secret, person=b"deleted user").digest()
