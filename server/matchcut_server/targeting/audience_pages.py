"""Pages of audiences: who is in an audience, kept in files for an hour, so that every process of a machine has them.

A file holds numbers of profiles and scores, nothing else. Its name is a secret that only page tokens tell.
"""

import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

from ..index.arrays import Float64s, Int64s

FOLDER = "audience-pages"
"""In the data folder."""

KEPT_SECONDS = 3600.0

MAX_FILES = 1_000
"""Beyond it the oldest go before their time; each takes at most 1.6 MB."""

ID_BYTES = 16


class About(Struct, frozen=True, array_like=True):
    """What is known of an audience beside its members."""

    revision: int
    """At which it was made."""
    total: int
    """Of all who match; -1 if they were not counted."""
    members: int
    """In the file."""


class Kept(NamedTuple):
    """Some members of an audience, in its order."""

    about: About
    profile_ids: Int64s
    scores: Float64s


class AudiencePages:
    """The files of a data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def keep(self, about: About, profile_ids: Int64s, scores: Float64s) -> bytes:
        """Keep an audience; return the id that it is found by."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        own = secrets.token_bytes(ID_BYTES)
        path = self._path(own)
        unfinished = path.with_suffix(".unfinished")
        head = msgspec.msgpack.encode(about)
        with unfinished.open("wb") as file:
            file.write(profile_ids.astype("<i8").tobytes())
            file.write(scores.astype("<f8").tobytes())
            file.write(head)
            file.write(len(head).to_bytes(2, "little"))
        unfinished.rename(path)
        return own

    def find(self, own: bytes, start: int, count: int) -> Kept | None:
        """Return members from a place on, at most `count`; None if they are not kept any more."""
        try:
            with self._path(own).open("rb") as file:
                if time.time() - os.fstat(file.fileno()).st_mtime > KEPT_SECONDS:
                    return None
                about = _read_about(file.fileno())
                count = max(min(count, about.members - start), 0)
                numbers = os.pread(file.fileno(), 8 * count, 8 * start)
                scores = os.pread(file.fileno(), 8 * count, 8 * (about.members + start))
        except FileNotFoundError:
            return None
        return Kept(about, np.frombuffer(numbers, dtype="<i8"), np.frombuffer(scores, dtype="<f8"))

    def clear(self) -> None:
        """Delete all, at the start of a server."""
        for _, path in self._files():
            path.unlink(missing_ok=True)

    def tidy(self) -> bool:
        """Delete those whose time is over, and the oldest of too many; to be called now and then."""
        files = sorted(self._files())
        oldest = time.time() - KEPT_SECONDS
        surplus = len(files) - MAX_FILES
        for i, (changed, path) in enumerate(files):
            if changed < oldest or i < surplus:
                path.unlink(missing_ok=True)
        return False

    def _files(self) -> Iterator[tuple[float, Path]]:
        if not self._folder.is_dir():
            return
        for entry in os.scandir(self._folder):
            try:
                yield entry.stat().st_mtime, Path(entry.path)
            except FileNotFoundError:  # another process was faster
                continue

    def _path(self, own: bytes) -> Path:
        return self._folder / f"{own.hex()}.audience"


def _read_about(descriptor: int) -> About:
    end = os.fstat(descriptor).st_size - 2
    length = int.from_bytes(os.pread(descriptor, 2, end), "little")
    return msgspec.msgpack.decode(os.pread(descriptor, length, end - length), type=About)
