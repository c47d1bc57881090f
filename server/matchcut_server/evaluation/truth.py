"""What is known to be similar: which videos are relevant to which, and how much."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ..errors import InvalidInput, Reason, Violation

RELATED_GAIN = 1.0


class _Labels(Struct, forbid_unknown_fields=True):
    """What a truth file says of a video."""

    topics: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


_DECODER = msgspec.json.Decoder(dict[str, _Labels])


class Truth:
    """Labels of videos by their id."""

    def __init__(self, labels: dict[str, _Labels]) -> None:
        self._topics = {video_id: frozenset(one.topics) for video_id, one in labels.items()}
        self._related = {video_id: frozenset(one.related) for video_id, one in labels.items()}
        self._videos: dict[str, list[str]] = {}
        for video_id, topics in self._topics.items():
            for topic in topics:
                self._videos.setdefault(topic, []).append(video_id)

    def __len__(self) -> int:
        return len(self._topics)

    def __iter__(self) -> Iterator[str]:
        """Give the ids of all labelled videos, in the order of the file."""
        return iter(self._topics)

    def related(self, video_id: str) -> frozenset[str]:
        """Return the ids that are listed as related to a video."""
        return self._related[video_id]

    def gains(self, video_id: str) -> dict[str, float]:
        """Return the videos that are relevant to one, with their gains in (0, 1].

        1 for a video that is listed as related; for others the share of topics that both have among the topics that
        either has (Jaccard). The video itself is not among them.
        """
        own = self._topics[video_id]
        shared = Counter(other for topic in own for other in self._videos[topic])
        gains = {other: count / len(own | self._topics[other]) for other, count in shared.items()}
        gains.update(dict.fromkeys(self._related[video_id], RELATED_GAIN))
        gains.pop(video_id, None)
        return gains


def read_truth(content: bytes) -> Truth:
    """Read a truth file: `{id: {"topics": [...], "related": [...]}}`. Raises `InvalidInput`."""
    try:
        labels = _DECODER.decode(content)
    except ValueError as error:  # a msgspec error is one, and so is that of bytes that are not UTF-8
        message = f'{error}; write {{"an id": {{"topics": ["a topic"], "related": ["another id"]}}, ...}}'
        raise InvalidInput([Violation("", Reason.MALFORMED_JSON, message)]) from None
    if not any(one.topics or one.related for one in labels.values()):
        message = "no video has a topic or a related video; label some"
        raise InvalidInput([Violation("", Reason.REQUIRED, message)])
    return Truth(labels)
