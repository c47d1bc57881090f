"""The moments of a catalog by definition: every document is read, every pair of moments is compared."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from matchcut_server.index.port import View
from matchcut_server.insights.model import Video
from matchcut_server.search.finding import MomentOrder, MomentQuery
from matchcut_server.vectors.video import facts_of
from tests.naive import allows
from tests.search import naive_moments


class NaiveFound(NamedTuple):
    video_id: str
    language: str
    start: float
    end: float
    score: float
    published: float | None

    def is_near(self, other: "NaiveFound") -> bool:
        return abs(self.start - other.start) <= 1 and abs(self.end - other.end) <= 1

    def is_better(self, other: "NaiveFound") -> bool:
        return (-self.score, self.video_id, self.language) < (-other.score, other.video_id, other.language)


class NaiveCatalog:
    """Some videos. `view`: whose vectors tell which of them are near-duplicates."""

    def __init__(self, videos: Sequence[Video], view: View) -> None:
        self.videos = videos
        self.view = view
        self.durations = {one.video_id: one.duration for one in videos}

    def search(self, query: MomentQuery) -> list[NaiveFound]:
        allowed = [one for one in self.videos if query.allowed is None or allows(query.allowed, facts_of(one, 0))]
        found = [moment for one in allowed for moment in self.best(one, query)]
        if not query.keep_copies:
            found = [one for one in found if not any(self.is_copy(one, other) for other in found)]
        return sorted((one for one in found if one.score >= query.min_score), key=lambda one: place(one, query.order))

    def best(self, video: Video, query: MomentQuery) -> list[NaiveFound]:
        idf = [self.idf(place, query) for place in range(len(query.asked.all_of) + len(query.asked.any_of))]
        found = [
            NaiveFound(video.video_id, own.language, one.start, one.end, one.score, video.published_time)
            for own in video.keyword_sets
            for one in naive_moments.moments(own, video.duration, query.asked, idf)
        ]
        found = [
            one
            for one in found
            if not any(
                one.language != other.language and other.is_near(one) and other.is_better(one) for other in found
            )
        ]
        found.sort(key=lambda one: (-one.score, one.start, one.language))
        return found[: query.most_a_video or None]

    def idf(self, place: int, query: MomentQuery) -> float:
        asked = (query.asked.all_of + query.asked.any_of)[place]
        sets = [own for video in self.videos for own in video.keyword_sets]
        df = sum(any(naive_moments.matches(asked, text) for text in own.texts) for own in sets)
        return math.log((1 + len(sets)) / (1 + df)) + 1

    def is_copy(self, one: NaiveFound, other: NaiveFound) -> bool:
        """Tell whether another moment of a near-duplicate is shown in place of one."""
        own, its = self.durations[one.video_id], self.durations[other.video_id]
        if one.video_id == other.video_id or not own or not its or abs(own - its) > 2:
            return False
        return other.is_near(one) and other.is_better(one) and self.cosine(one, other) >= 0.95

    def cosine(self, one: NaiveFound, other: NaiveFound) -> float:
        first, second = (self.view.unit_vector(own.video_id, own.language) for own in (one, other))
        assert first is not None
        assert second is not None
        weights = dict(zip(first.keys.tolist(), first.weights.tolist(), strict=True))
        return math.fsum(
            weights.get(key, 0.0) * weight
            for key, weight in zip(second.keys.tolist(), second.weights.tolist(), strict=True)
        )


def place(one: NaiveFound, order: MomentOrder) -> tuple[float, str, float, str]:
    key = -one.score
    if order is not MomentOrder.SCORE:
        sign = -1 if order is MomentOrder.NEWEST_FIRST else 1
        key = math.inf if one.published is None else sign * one.published
    return key, one.video_id, one.start, one.language
