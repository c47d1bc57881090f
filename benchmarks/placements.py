"""`placements`: the best moments of a catalog for one promotion, and shared between a hundred."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np

from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1.targeting_service_pb2_grpc import TargetingServiceStub
from matchcut_server.insights.model import Instance, Keyword, KeywordSet, Video

from .cache import cached, fingerprint
from .drawing import SEED
from .load import DEADLINE_SECONDS
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .process import matchcut
from .rpc import interest_list
from .stored import FOLDER_SOURCES, fill
from .synthetic import profiles, videos

PROMOTIONS = 100
KEYWORDS = 8
"""Of a promotion."""
PAGES = (20, 1_000)
_MOST_INSTANCES = 4
"""Of a keyword."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure calls of MatchPlacements."""
    promotions = [
        pb.Promotion(promotion_id=f"promotion{number}", interests=interest_list(interests[:KEYWORDS]).interests)
        for number, interests in enumerate(profiles(PROMOTIONS))
    ]
    for size in scale.served:
        with matchcut(spread_folder(size), 1) as server, grpc.insecure_channel(server.address) as channel:
            stub = TargetingServiceStub(channel)

            def took(request: pb.MatchPlacementsRequest, call: TargetingServiceStub = stub) -> float:
                seconds, answer = timed(call.MatchPlacements, request, timeout=DEADLINE_SECONDS)
                assert 0 < len(answer.placements) <= request.page_size
                return seconds

            for page in PAGES:
                alone = [took(pb.MatchPlacementsRequest(promotions=[one], page_size=page)) for one in promotions]
                what = f"MatchPlacements, {KEYWORDS} keywords, best {page:,}"
                yield Row(what, size, duration(median(alone)), p99_text(alone))
                whole = pb.MatchPlacementsRequest(promotions=promotions, page_size=page)
                shared = [took(whole) for _ in range(scale.rounds)]
                beside = ratio(median(shared) / median(alone), "one")
                yield Row(f"  {PROMOTIONS} promotions share them", size, duration(median(shared)), "", beside)


def spread_folder(size: int) -> Path:
    """Return a data folder of the synthetic catalog, with the keywords on screen at several times all over a video."""
    version = fingerprint("placements.py", *FOLDER_SOURCES)
    return cached(f"spread-{size}", version, lambda path: fill(path, _spread(size), size))


def _spread(size: int) -> Iterator[Video]:
    for number, video in enumerate(videos(size)):
        chance = np.random.default_rng([SEED, 5, number])
        (own,) = video.keyword_sets
        keywords = []
        for keyword in own.keywords:
            count = int(chance.integers(1, _MOST_INSTANCES + 1))
            length = keyword.instances[0].end / count
            starts = np.sort(np.round(chance.uniform(0.0, max(video.duration - length, 0.0), count), 1)).tolist()
            instances = tuple(Instance(start, start + length) for start in starts)
            keywords.append(Keyword(keyword.text, keyword.confidence, instances))
        yield Video(
            video.video_id,
            duration=video.duration,
            published_time=video.published_time,
            keyword_sets=(KeywordSet(own.language, keywords),),
        )
