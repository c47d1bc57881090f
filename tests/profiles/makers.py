"""Short ways to make events and credits for tests."""

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from matchcut_server.insights.model import Video
from matchcut_server.profiles.credit import credit_of, watched_share
from matchcut_server.profiles.model import Credit, CreditedEvent, Event, EventKind
from matchcut_server.vectors.keys import term_key
from matchcut_server.vectors.keyword_vector import TermBlock
from matchcut_server.vectors.settings import CatalogSettings
from matchcut_server.vectors.weighting import Block
from tests.makers import DEFAULTS

DAY = 86_400.0

_numbers = itertools.count()


def event(kind: EventKind = EventKind.VIEW, video_id: str = "v", time: float = 0.0, **given: Any) -> Event:
    """Make an event of the user `u` with an id of its own."""
    return Event(**{"event_id": f"e{next(_numbers)}", "user_id": "u", **given}, kind=kind, time=time, video_id=video_id)


def credited(one: Event, video: Video | None, settings: CatalogSettings = DEFAULTS) -> CreditedEvent:
    """Credit an event as the store does; None: the video is not known."""
    if video is None:
        return CreditedEvent(one, 1.0 if one.kind is not EventKind.VIEW else None, None)
    return CreditedEvent(one, watched_share(one, video.duration), credit_of(video, one.watched_spans, settings))


def block(name: Block, weights: Mapping[str, float]) -> TermBlock:
    """Make a block of a credit."""
    by_key = {term_key(name, term): weight for term, weight in weights.items()}
    keys = sorted(by_key)
    return TermBlock(np.array(keys, dtype=np.uint64), np.array([by_key[key] for key in keys], dtype=np.float32))


def credit(weights: Mapping[str, float]) -> Credit:
    """Make a credit of single words, each a keyword and a word of some weight."""
    texts = {term_key("phrases", term): term for term in weights}
    return Credit(block("phrases", weights), block("words", weights), tuple(texts[key] for key in sorted(texts)))
