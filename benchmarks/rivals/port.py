"""What a rival does, and which rivals there are."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple, Protocol, runtime_checkable

from matchcut_server.vectors.profile import Profile

Found = list[tuple[int, float]]
"""Videos, by their place in the catalog, with their scores; highest first."""


class Rival(Protocol):
    """Something else that searches a catalog, made from its size."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    @property
    def exact(self) -> bool:
        """Whether it computes the same scores; otherwise how much its lists have in common with Matchcut's is told."""

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""


@runtime_checkable
class BatchRival(Rival, Protocol):
    """One that takes many profiles at once."""

    def search_all(self, profiles: Sequence[Profile], limit: int) -> list[Found]:
        """Return the best videos for each."""


class Entry(NamedTuple):
    """A rival that can be made."""

    module: str
    kind: str
    largest: int
    """Catalogs of more videos are left to the others: it would take too long or too much memory."""
    extra: bool = False
    """Whether it is something that only the benchmarks need."""
    batch: bool = False
    """Whether it is a `BatchRival`."""

    def make(self, size: int) -> Rival:
        """Make it of a catalog."""
        made: Callable[[int], Rival] = getattr(import_module(f".{self.module}", __package__), self.kind)
        return made(size)


_RIVALS = (
    Entry("scipy_product", "ByTerms", 1_000_000),
    Entry("scipy_product", "ByVideos", 1_000_000),
    Entry("sparse_dot_topn", "SparseDotTopN", 1_000_000, extra=True, batch=True),
    Entry("cosine", "Cosine", 100_000),
    Entry("bm25", "Bm25s", 100_000, extra=True),
    Entry("tantivy_search", "Tantivy", 100_000, extra=True),
    Entry("full_text", "FullText", 100_000),
)


def rivals(size: int, *, extras: bool) -> list[Entry]:
    """Return the rivals for a catalog of this size, with or without those that only the benchmarks need."""
    return [entry for entry in _RIVALS if size <= entry.largest and (extras or not entry.extra)]


def batch_rivals(size: int, *, extras: bool) -> list[BatchRival]:
    """Return those that take many profiles at once, made."""
    made = [entry.make(size) for entry in rivals(size, extras=extras) if entry.batch]
    return [rival for rival in made if isinstance(rival, BatchRival)]
