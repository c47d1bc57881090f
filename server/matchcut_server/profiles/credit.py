"""Credits: the keywords of a video that an event of a user stands for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..insights.compiled import compiled
from ..insights.model import Bounds, FloatArray, KeywordSet, Video
from ..insights.timespan import Span, union
from ..vectors.accumulation import strongest_keys
from ..vectors.keys import keyword_keys
from ..vectors.keyword_vector import TermBlock, on_screen_seconds, term_frequencies
from ..vectors.settings import CatalogSettings
from ..vectors.terms import stemmer_name
from .model import Credit, Event, EventKind

Spans = tuple[FloatArray, FloatArray]
"""Starts and ends, in order and apart from each other."""


def watched_share(event: Event, duration: float) -> float:
    """Return the share of a video of some duration (seconds; 0: unknown) that an event watched, 0 to 1.

    1 for kinds other than views, and where neither the event nor the video tells.
    """
    if event.kind is not EventKind.VIEW:
        return 1.0
    if event.watched_share is not None:
        return event.watched_share
    seconds = event.watched_seconds
    if seconds is None and event.watched_spans:
        seconds = sum(end - start for start, end in union(_clipped(event.watched_spans, duration)))
    return 1.0 if seconds is None or not duration else min(seconds / duration, 1.0)


def credit_of(video: Video, watched_spans: Sequence[Span], settings: CatalogSettings) -> Credit:
    """Return the credit of a video: its keywords in all languages, weighted as in the catalog, of length 1.

    With `watched_spans`, in seconds, each keyword counts in proportion to how much of its on-screen duration lies in
    them; one that is not known to be on screen anywhere does not count. The tf of a term is the maximum over the
    keywords that hold it, over all keyword sets.
    """
    watched = _columns(union(_clipped(watched_spans, video.duration))) if watched_spans else None
    texts: dict[int, str] = {}
    keys: list[bytes] = []
    frequencies = []
    for keyword_set in video.keyword_sets:
        own = [
            b"" if resolved is None else keyword_keys(resolved, stemmer_name(keyword_set.language))
            for resolved in settings.resolve_all(keyword_set.texts)
        ]
        keys += own
        frequencies.append(_frequencies(keyword_set, video.duration, watched, settings))
        for text, of_text in zip(keyword_set.texts, own, strict=True):
            if of_text:
                texts.setdefault(int.from_bytes(of_text[:8], "little"), text)
    phrases, of_phrases, words, of_words = strongest_keys(
        np.frombuffer(b"".join(keys), dtype="<u8"),
        np.array(list(map(len, keys)), dtype=np.int64),
        np.concatenate(frequencies) if frequencies else np.empty(0, dtype=np.float32),
    )
    return Credit(
        TermBlock(phrases, _unit(of_phrases)),
        TermBlock(words, _unit(of_words)),
        tuple(texts[key] for key in phrases.tolist()),
    )


def _frequencies(
    keyword_set: KeywordSet, duration: float, watched: Spans | None, settings: CatalogSettings
) -> NDArray[np.float32]:
    frequencies = term_frequencies(keyword_set, duration, settings)
    if watched is None:
        return frequencies
    whole = on_screen_seconds(keyword_set, duration)
    within = seconds_within(keyword_set.bounds, keyword_set.starts, keyword_set.ends, *watched)
    shares = np.divide(within, whole, out=np.zeros(len(whole)), where=whole > 0.0)
    partial: NDArray[np.float32] = (frequencies * shares).astype(np.float32)
    return partial


def _clipped(spans: Sequence[Span], duration: float) -> list[Span]:
    end = duration or np.inf
    return [(max(start, 0.0), min(stop, end)) for start, stop in spans if start < min(stop, end)]


def _columns(spans: Sequence[Span]) -> Spans:
    table = np.array(spans, dtype=np.float64).reshape(len(spans), 2)
    return table[:, 0].copy(), table[:, 1].copy()


def _unit(frequencies: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.sqrt(np.sum(frequencies.astype(np.float64) ** 2)))
    return (frequencies / length).astype(np.float32) if length else frequencies


@compiled
def seconds_within(
    bounds: Bounds, starts: FloatArray, ends: FloatArray, first: FloatArray, last: FloatArray
) -> FloatArray:
    """Return for each keyword how many seconds of the union of its instances lie in spans from `first` to `last`.

    The instances of keyword i are the rows from `bounds[i]` to `bounds[i + 1]`, ordered by start; the spans are in
    order and apart from each other.
    """
    within = np.zeros(len(bounds) - 1)
    for keyword in range(len(within)):
        done = -np.inf  # up to here instances are counted, so that those that overlap count once
        for row in range(bounds[keyword], bounds[keyword + 1]):
            start, end = max(starts[row], done), ends[row]
            if end <= start:
                continue
            for span in range(np.searchsorted(last, start), len(first)):
                if first[span] >= end:
                    break
                within[keyword] += min(end, last[span]) - max(start, first[span])
            done = end
    return within
