"""Writers that remember what was acknowledged, and a recount of what a server holds."""

import random
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import grpc

from matchcut.v1 import catalog_service_pb2 as catalog_pb
from matchcut.v1 import types_pb2 as types_pb
from matchcut.v1 import video_service_pb2 as pb
from matchcut.v1.video_service_pb2_grpc import VideoServiceStub
from tests.rpc.service import document, index, shown

State = tuple[str, tuple[str, ...]] | None
"""Title and keywords of a video; None: there is none."""

TICKS = 10_000_000
IDS_OF_A_WRITER = 40


def state_of(video: types_pb.Video) -> State:
    (keyword_set,) = video.keyword_sets
    return video.title, tuple(one.text for one in keyword_set.keywords)


@dataclass
class Ledger:
    """What a writer has written: acknowledged, or sent and never answered."""

    acknowledged: dict[str, State] = field(default_factory=dict)
    sent: dict[str, State] = field(default_factory=dict)
    revision: int = 0

    def check(self, found: dict[str, types_pb.Video]) -> None:
        """Compare with what is there; what was never answered may be there or not. Then take what is there."""
        for video_id in self.acknowledged.keys() | self.sent.keys():
            expected = [ledger[video_id] for ledger in (self.acknowledged, self.sent) if video_id in ledger]
            if video_id not in self.acknowledged:
                expected.append(None)
            state = state_of(found[video_id]) if video_id in found else None
            assert state in expected, f"{video_id} is {state}, not one of {expected}"
            self.acknowledged[video_id] = state
        self.sent = {}


class Writer:
    """Imports, changes and deletes its own videos, batch by batch."""

    def __init__(self, name: str, seed: int) -> None:
        self.ledger = Ledger()
        self._name = name
        self._random = random.Random(seed)
        self._version = 0

    def write(self, stub: VideoServiceStub, acknowledgements: threading.Semaphore) -> None:
        """Go on until the server is gone; count each acknowledgement."""
        while True:
            count = self._random.randint(1, 12)
            ids = self._random.sample([f"{self._name}{number:02}" for number in range(IDS_OF_A_WRITER)], count)
            try:
                if self._random.random() < 0.2:
                    self._delete(stub, ids)
                else:
                    self._import(stub, ids)
            except grpc.RpcError as error:
                if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.UNAVAILABLE:
                    return
                raise
            acknowledgements.release()

    def _import(self, stub: VideoServiceStub, ids: list[str]) -> None:
        items, states = [], {}
        for video_id in ids:
            self._version += 1
            title = f"{video_id} v{self._version}"
            keywords = tuple(self._random.sample(KEYWORDS, self._random.randint(0, 8)))
            content = document(video_id, *(self._keyword(text) for text in keywords), language=video_id[0] * 2)
            items.append(index(content, title=title))
            states[video_id] = (title, keywords)
        self.ledger.sent = dict(states)
        answer = stub.ImportVideoIndexes(pb.ImportVideoIndexesRequest(video_indexes=items), timeout=20)
        assert all(one.revision for one in answer.results), answer
        self._acknowledge(answer.revision)

    def _delete(self, stub: VideoServiceStub, ids: list[str]) -> None:
        self.ledger.sent = dict.fromkeys(ids)
        answer = stub.DeleteVideos(pb.DeleteVideosRequest(video_ids=ids), timeout=20)
        self._acknowledge(answer.revision)

    def _acknowledge(self, revision: int) -> None:
        self.ledger.acknowledged.update(self.ledger.sent)
        self.ledger.sent = {}
        self.ledger.revision = max(self.ledger.revision, revision)

    def _keyword(self, text: str) -> dict[str, object]:
        keyword = shown(text)
        keyword.pop("language")
        start = self._random.randint(0, 40)
        times = [(start, start + 7), (start + 3, start + 5), (start + 6, start + 12)]
        keyword["instances"] = [
            {"start": f"0:00:{first:02}", "end": f"0:00:{last:02}.1234567"}
            for first, last in self._random.sample(times, self._random.randint(0, 3))
        ]
        if self._random.random() < 0.3:
            keyword["confidence"] = None
        return keyword


# Words that no stemmer changes, so that they can be counted as they are.
KEYWORDS = [f"w{number}" for number in range(40)] + [f"w{number} w{number + 7}" for number in range(60)]


def recount(videos: Iterable[types_pb.Video]) -> catalog_pb.CatalogStatistics:
    """Count what the statistics of a catalog must be, from the videos themselves."""
    videos = list(videos)
    sets = [keyword_set for video in videos for keyword_set in video.keyword_sets]
    keywords = [keyword for keyword_set in sets for keyword in keyword_set.keywords]
    languages = Counter(keyword_set.language for keyword_set in sets)
    return catalog_pb.CatalogStatistics(
        video_count=len(videos),
        video_without_keywords_count=sum(not any(one.keywords for one in video.keyword_sets) for video in videos),
        keyword_set_count=sum(bool(one.keywords) for one in sets),
        keyword_count=len(keywords),
        phrase_term_count=len({one.text for one in keywords}),
        word_term_count=len({word for one in keywords for word in one.text.split()}),
        on_screen_seconds=sum(map(_on_screen_ticks, keywords)) / TICKS,
        defaulted_confidence_count=sum(not one.HasField("confidence") for one in keywords),
        defaulted_duration_count=sum(not one.instances for one in keywords),
        languages=[
            catalog_pb.LanguageStatistics(language=language, keyword_set_count=languages[language])
            for language in sorted(languages)
        ],
    )


def _on_screen_ticks(keyword: types_pb.Keyword) -> int:
    """Measure the union of a keyword's instances by walking along it."""
    ticks, reached = 0, 0
    for start, end in sorted((one.start_seconds, one.end_seconds) for one in keyword.instances):
        first, last = max(round(start * TICKS), reached), round(end * TICKS)
        ticks += max(last - first, 0)
        reached = max(reached, last)
    return ticks if keyword.instances else TICKS
