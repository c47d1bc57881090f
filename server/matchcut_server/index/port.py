"""What an index does, whatever it is made of. Every implementation passes the same contract tests."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from ..vectors.mixture import Weighable
from ..vectors.video import IndexedVideo, Removal, VideoFacts
from ..vectors.weighting import Block
from .arrays import Float64s, Wanted
from .boost import Boost
from .browsing import KeysOf
from .columns import Columns
from .filter import Filter
from .held import HeldVector, UnitVector
from .postings import Postings
from .table import IdfTable

SCORE_DECIMALS = 6
"""Scores are rounded to this, so that every way to compute one gives the same order."""

_STEPS = 10.0**SCORE_DECIMALS
_NO_AMOUNTS: Float64s = np.empty(0)


class Hit(NamedTuple):
    """A matching video."""

    video_id: str
    score: float
    """Cosine of its best keyword set, in (0, 1], rounded."""
    language: str
    """Language of that keyword set; of equal ones the first by name."""
    boost: float = 0.0
    """What the boost of the search added for this video."""

    @property
    def total(self) -> float:
        """Score and boost, rounded: what hits are ordered by."""
        return rounded(self.score + self.boost) if self.boost else self.score


def rounded(score: float) -> float:
    """Round a score as numpy rounds arrays of them: that of a video must not depend on how many are rounded."""
    return round(score * _STEPS) / _STEPS


class Asked(NamedTuple):
    """What is asked for beside the profile: the arguments of `View.search`."""

    limit: int
    now: float | None
    allowed: Filter | None = None
    excluded: Collection[str] = ()
    boost: Boost | None = None
    least: float = 0.0

    def wanted(self, columns: Columns, rows: int, floor: float) -> Wanted:
        """Return what a kernel is to look for in a segment: the best of so many rows. `floor`: see `Wanted`."""
        amounts = _NO_AMOUNTS if self.boost is None else self.boost.amounts(columns)
        return Wanted(rows, floor, self.least, amounts, float(amounts.max()) if len(amounts) else 0.0)


class Statistics(Struct, frozen=True, gc=False):
    """Exact counts over the videos of an index."""

    videos: int = 0
    videos_without_keywords: int = 0
    keyword_sets: int = 0
    """Those with at least one term: the N of the IDF."""
    keywords: int = 0
    phrase_terms: int = 0
    word_terms: int = 0
    on_screen_seconds: int = 0
    """On-screen duration over all keywords: the whole seconds of each keyword set."""
    on_screen_ticks: int = 0
    """What is left beyond them. Whole numbers, so that sums stay exact; two, so that each has room in 64 bits."""
    defaulted_confidences: int = 0
    defaulted_durations: int = 0
    summarized_keyword_sets: int = 0
    languages: dict[str, int] = {}
    """Keyword sets by language, empty ones included."""

    def with_terms(self, phrases: int, words: int) -> "Statistics":
        """Return the same counts with the numbers of terms in use."""
        return replace(self, phrase_terms=phrases, word_terms=words)


class View(Protocol):
    """An index at one revision. It never changes, and any number of threads may read it."""

    @property
    def revision(self) -> int:
        """The store-wide revision up to which all changes are in."""

    @property
    def statistics(self) -> Statistics:
        """Counts over all videos."""

    @property
    def languages(self) -> Collection[str]:
        """The languages of all keyword sets, by name."""

    @property
    def state(self) -> object:
        """Stands for the videos of the view: the same object as long as nothing has become of any."""

    def table(self) -> IdfTable:
        """Return the IDF of all terms, to be kept beyond the view."""

    def idf_of(self, keys: NDArray[np.uint64]) -> Float64s:
        """Return the IDF of terms, by their keys; that of df = 0 for unknown ones."""

    def inverse_document_frequency(self, block: Block, term: str) -> float:
        """Return the IDF of a term; that of df = 0 for an unknown one."""

    def knows(self, block: Block, term: str) -> bool:
        """Tell whether any keyword set has a term."""

    def facts(self, video_id: str) -> VideoFacts | None:
        """Return what is known beside its keywords of a video that has any; None for others."""

    def vectors(self, video_id: str) -> tuple[HeldVector, ...]:
        """Return the keyword sets of a video that have any term, by language; none for a video that is not there."""

    def unit_vector(self, video_id: str, language: str) -> UnitVector | None:
        """Return the vector of a keyword set, weighted with the IDF of this view; None if it has no term.

        The dot product of two of them, over the keys that both have, is the cosine of their keyword sets.
        """

    def postings(
        self, keys: NDArray[np.uint64], now: float | None, allowed: Filter | None = None
    ) -> Sequence[Postings]:
        """Tell, for each segment, which keyword sets have each of some terms, in videos that a filter allows.

        `now`: only videos that are published and not expired then (Unix seconds); None: all.
        """

    def search(
        self,
        profile: Weighable,
        limit: int,
        now: float | None,
        allowed: Filter | None = None,
        excluded: Collection[str] = (),
        boost: Boost | None = None,
        least: float = 0.0,
    ) -> list[Hit]:
        """Return the best videos: at most `limit`, highest total first, equal ones by video_id.

        A video matches with a score > 0 that is at least `least`; what `boost` adds changes its place only. Only videos
        that are published and not expired at `now` (Unix seconds; None: whenever), allowed by the filter, and not among
        the ids `excluded`. A video counts once, with its best keyword set. Exact: what scoring every video would give.
        """

    def browse(
        self,
        keys: KeysOf,
        limit: int,
        now: float | None,
        allowed: Filter | None = None,
        excluded: Collection[str] = (),
    ) -> list[str]:
        """Return the ids of the first videos, whatever they are about: at most `limit`.

        Those with the highest first key come first, of equal ones those with the highest second key, then by video_id.
        Only videos that have any term, and may be returned as in a search.
        """


class Index(Protocol):
    """The videos of one catalog, to be searched. One thread at a time may change it."""

    @property
    def held_videos(self) -> int:
        """Videos that are held in the memory of this process."""

    def apply(self, changes: Sequence[IndexedVideo | Removal], revision: int) -> None:
        """Take changes in the order of their revisions; `revision` is the highest one the index has then seen.

        A video replaces the one of the same id; applying a change twice is the same as once.
        """

    def view(self) -> View:
        """Return the index as it is now."""

    def has_video(self, video_id: str) -> bool:
        """Tell whether the newest state holds a video, one without keywords too."""
