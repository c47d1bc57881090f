"""Postings: which keyword sets have a term, whatever the index is made of."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matchcut_server.index.filter import Filter
from matchcut_server.index.port import View
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.weighting import BLOCKS
from tests import naive
from tests.index.strategies import TEXTS, History, histories, queries
from tests.index.test_laws import tried, views_of

KEYS = [term_key(block, text) for block in BLOCKS for text in TEXTS[block]]


def holders(view: View, now: float | None, allowed: Filter | None) -> list[set[tuple[str, str]]]:
    """List for each key the videos and languages of the keyword sets that have it."""
    found: list[list[tuple[str, str]]] = [[] for _ in KEYS]
    for own in view.postings(np.array(KEYS, dtype=np.uint64), now, allowed):
        for holding, rows in zip(found, own.found, strict=True):
            assert rows.tolist() == sorted(set(rows.tolist()))
            positions = own.rows.videos[rows].tolist()
            holding += [
                (own.columns.video_id(position), own.language(row))
                for position, row in zip(positions, rows.tolist(), strict=True)
            ]
    assert all(len(set(holding)) == len(holding) for holding in found)
    return [set(holding) for holding in found]


def videos_by_phrase(view: View, now: float | None, allowed: Filter | None) -> dict[int, int]:
    """Count by key the videos that have each of some phrases."""
    counts: Counter[int] = Counter()
    for own in view.postings(np.empty(0, dtype=np.uint64), now, allowed):
        keys, videos = own.videos_by_phrase(own.open_rows)
        counts.update(dict(zip(keys.tolist(), videos.tolist(), strict=True)))
    return {key: count for key, count in counts.items() if key in KEYS}


@settings(tried, max_examples=60)
@given(history=histories(), built=st.integers(0, 6), timeless=st.booleans(), data=st.data())
def test_a_view_tells_which_keyword_sets_have_a_term(
    history: History, built: int, timeless: bool, data: st.DataObject
) -> None:
    query = data.draw(queries(history.videos))
    now = None if timeless else query.now
    expected: list[set[tuple[str, str]]] = [set() for _ in KEYS]
    for video in history.videos:
        if timeless:
            there = query.allowed is None or naive.allows(query.allowed, video.facts)
        else:
            there = naive.may_be_returned(video.facts, query.now, query.allowed, ())
        for vector in video.vectors:
            if there:
                keys = {*vector.phrases.keys.tolist(), *vector.words.keys.tolist()}
                for key, holding in zip(KEYS, expected, strict=True):
                    if key in keys:
                        holding.add((video.facts.video_id, vector.language))
    memory, layered, *_ = views_of(history, built)
    for view in (memory, layered):
        assert videos_by_phrase(view, now, query.allowed) == {
            key: len({video_id for video_id, _ in holding})
            for key, holding in zip(KEYS[: len(TEXTS["phrases"])], expected, strict=False)
            if holding
        }
    assert holders(memory, now, query.allowed) == expected
    assert holders(layered, now, query.allowed) == expected
