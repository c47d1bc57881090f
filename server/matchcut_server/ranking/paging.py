"""Pages: which videos earlier pages of the same answer gave."""

import hashlib
from collections.abc import Iterable

MAX_PAGED = 1_000
"""Videos that can be paged through: the token holds a hash of each."""

_HASH_BYTES = 8


class Given:
    """The videos of earlier pages, known by short hashes: `packed` as `and_also` returned it."""

    def __init__(self, packed: bytes = b"") -> None:
        self._packed = packed
        self._hashes = {packed[i : i + _HASH_BYTES] for i in range(0, len(packed), _HASH_BYTES)}

    def __len__(self) -> int:
        return len(self._packed) // _HASH_BYTES

    def __contains__(self, video_id: str) -> bool:
        return bool(self._hashes) and _short_hash(video_id) in self._hashes

    def and_also(self, video_ids: Iterable[str]) -> bytes:
        """Return what the next page has to know once these videos are given too."""
        return self._packed + b"".join(map(_short_hash, video_ids))


def _short_hash(video_id: str) -> bytes:
    return hashlib.blake2b(video_id.encode(), digest_size=_HASH_BYTES).digest()
