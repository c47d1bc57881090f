"""Telling: what is said of a moment beside its span and score."""

from typing import NamedTuple

import numpy as np

from ..index.port import View
from ..insights.model import DEFAULT_CONFIDENCE, DEFAULT_ON_SCREEN_SECONDS, FloatArray, KeywordSet
from ..insights.timespan import union
from ..ranking.explanation import MAX_INTERESTS, MAX_MATCHED, MAX_SPANS, MatchedKeyword
from ..vectors.keyword_vector import on_screen_seconds
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .asked import keys_of
from .conditions import Conditions
from .moments import FoundMoment, MomentFinder

_SAME_SECONDS = 1e-6
"""Instances that are shifted by the same against their source are of one stretch of it; this much is rounding."""


class Source(NamedTuple):
    """Where a moment of a video that was cut from others comes from."""

    video_id: str
    start: float | None
    """In seconds; None where it is not known."""
    end: float | None


class Told(NamedTuple):
    """What is said of a moment."""

    keywords: tuple[str, ...]
    """Those that match and are on screen, largest share of the score first, at most `MAX_MATCHED`."""
    matched: tuple[MatchedKeyword, ...]
    """The same with their shares, if they were asked for."""
    source: Source | None


class Teller:
    """Tells what a moment consists of."""

    def __init__(self, finder: MomentFinder, view: View, settings: CatalogSettings, *, explain: bool) -> None:
        self._finder = finder
        self._view = view
        self._settings = settings
        self._explain = explain

    def tell(self, keyword_set: KeywordSet, duration: float, moment: FoundMoment) -> Told:
        """Tell of a moment of a keyword set. `duration` of its video in seconds; 0 if unknown."""
        asked_by = self._finder.asked_by(keyword_set)
        inside = {place: rows for place in asked_by if (rows := _rows_inside(keyword_set, place, moment))}
        shares = _shares(self._finder.conditions, keyword_set, {place: asked_by[place] for place in inside})
        places = sorted(inside, key=lambda place: (-shares[place], keyword_set.texts[place]))
        matched: list[MatchedKeyword] = []
        if self._explain:
            seconds = on_screen_seconds(keyword_set, duration)
            matched = [
                MatchedKeyword(
                    keyword_set.texts[place],
                    self._interests(asked_by[place]),
                    shares[place],
                    self._idf(keyword_set, place),
                    _confidence(keyword_set, place),
                    float(seconds[place]) or DEFAULT_ON_SCREEN_SECONDS,
                    _spans(keyword_set, inside[place], moment),
                )
                for place in places[:MAX_MATCHED]
            ]
            if len(places) > MAX_MATCHED:
                rest = sum(shares[place] for place in places[MAX_MATCHED:])
                matched.append(MatchedKeyword("", (), rest, 0.0, 0.0, 0.0, ()))
        rows = sorted(row for own in inside.values() for row in own)
        keywords = tuple(keyword_set.texts[place] for place in places[:MAX_MATCHED])
        return Told(keywords, tuple(matched), source_of(keyword_set, rows, moment))

    def _interests(self, asked: tuple[int, ...]) -> tuple[str, ...]:
        own = [self._finder.conditions.scored[place].asked for place in asked]
        own.sort(key=lambda one: (-one.weight, one.keyword))
        return tuple(dict.fromkeys(one.keyword for one in own))[:MAX_INTERESTS]

    def _idf(self, keyword_set: KeywordSet, place: int) -> float:
        keys = keys_of(keyword_set.texts[place], stemmer_name(keyword_set.language), self._settings)
        assert keys is not None  # for it matches
        return float(self._view.idf_of(np.array([keys.phrase], dtype=np.uint64))[0])


def _rows_inside(keyword_set: KeywordSet, place: int, moment: FoundMoment) -> list[int]:
    """Return the rows of the instances of a keyword that are inside a moment."""
    first, last = int(keyword_set.bounds[place]), int(keyword_set.bounds[place + 1])
    starts = keyword_set.starts[first:last]
    rows: list[int] = (first + np.flatnonzero((moment.start <= starts) & (starts < moment.end))).tolist()
    return rows


def _confidence(keyword_set: KeywordSet, place: int) -> float:
    confidence = float(keyword_set.confidences[place])
    return DEFAULT_CONFIDENCE if np.isnan(confidence) else confidence


def _shares(conditions: Conditions, keyword_set: KeywordSet, asked_by: dict[int, tuple[int, ...]]) -> dict[int, float]:
    """Return the share of each keyword in the score: of those that match one asked keyword the surest has it."""
    surest: dict[int, int] = {}
    for place in sorted(asked_by, key=lambda place: (-_confidence(keyword_set, place), place)):
        for asked in asked_by[place]:
            surest.setdefault(asked, place)
    values = conditions.values
    shares = dict.fromkeys(asked_by, 0.0)
    for asked, place in surest.items():
        shares[place] += float(values[asked]) * _confidence(keyword_set, place) * len(surest) / len(values)
    return shares


def _spans(keyword_set: KeywordSet, rows: list[int], moment: FoundMoment) -> tuple[tuple[float, float], ...]:
    pairs = zip(keyword_set.starts[rows].tolist(), keyword_set.ends[rows].tolist(), strict=True)
    return tuple(union((start, min(end, moment.end)) for start, end in pairs)[:MAX_SPANS])


def source_of(keyword_set: KeywordSet, rows: list[int], moment: FoundMoment) -> Source | None:
    """Return where a moment comes from; None unless all of it comes from one stretch of one video."""
    sources = keyword_set.sources
    if sources is None or not rows:
        return None
    video_ids = {sources.video_ids[row] for row in rows}
    (video_id, *others) = video_ids
    if video_id is None or others:
        return None
    offsets: FloatArray = sources.starts[rows] - keyword_set.starts[rows]
    if np.isnan(offsets).any():
        return Source(video_id, None, None)
    if np.ptp(offsets) > _SAME_SECONDS:
        return None
    offset = float(offsets[0])
    return Source(video_id, round(moment.start + offset, 7), round(moment.end + offset, 7))
