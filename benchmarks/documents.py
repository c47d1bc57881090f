"""Video Indexer documents of the videos of a synthetic catalog, as an import takes them."""

import datetime as dt
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from .cache import cached, fingerprint
from .catalog import CONFIDENCE_STEPS, Catalog, catalog
from .drawing import TOPICS
from .synthetic import video_id
from .vocabulary import LANGUAGE, vocabulary

Json = dict[str, object]

_INSTANCE_MILLISECONDS = 4_000
"""A keyword is on screen in spans of about this length, ..."""
_MAX_INSTANCES = 6
"""... at most so many."""
_EPOCH = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_WHOLE_BYTES = 200_000
_LABEL_BYTES = 200
"""Length of a made-up label, roughly."""
_NOBODY = "00000000-0000-0000-0000-000000000000"
_SEED = 20_261_123


@cache
def keyword_documents(size: int, count: int) -> list[bytes]:
    """Return the first `count` videos of a catalog as the client sends them: reduced to keywords, times and names."""
    path = cached(
        f"documents-{size}-{count}",
        fingerprint("vocabulary.py", "catalog.py", "documents.py"),
        lambda path: _write(path, [_keyword_document(catalog(size), number) for number in range(count)]),
    )
    return msgspec.msgpack.decode(path.read_bytes(), type=list[bytes])


@cache
def whole_documents(size: int, count: int) -> list[bytes]:
    """Return the last `count` videos of a catalog with all their insights, somewhat more than 200 kB each."""
    path = cached(
        f"whole-documents-{size}-{count}",
        fingerprint("vocabulary.py", "catalog.py", "documents.py"),
        lambda path: _write(path, [_whole_document(catalog(size), number) for number in range(size - count, size)]),
    )
    return msgspec.msgpack.decode(path.read_bytes(), type=list[bytes])


def _write(path: Path, documents: list[Json]) -> None:
    path.write_bytes(msgspec.msgpack.encode([msgspec.json.encode(document) for document in documents]))


def _keyword_document(videos: Catalog, number: int) -> Json:
    duration = _time(int(videos.duration[number]))
    insights: Json = {"duration": duration, "language": LANGUAGE, "keywords": _keywords(videos, number)}
    return {
        "id": video_id(number),
        "name": _name(number),
        "created": _created(number),
        "state": "Processed",
        "isBase": True,
        "durationInSeconds": int(videos.duration[number]) // 1000,
        "duration": duration,
        "videos": [{"id": video_id(number), "state": "Processed", "insights": insights}],
        "videosRanges": [{"range": {"start": _time(0), "end": duration}}],
    }


def _whole_document(videos: Catalog, number: int) -> Json:
    random = np.random.default_rng([_SEED, number])
    duration = int(videos.duration[number])
    insights: Json = {
        "version": "1.0.0.0",
        "duration": _time(duration),
        "sourceLanguage": LANGUAGE,
        "sourceLanguages": [LANGUAGE],
        "language": LANGUAGE,
        "languages": [LANGUAGE],
        "transcript": _lines(random, duration, 300, "speakerId", 12),
        "ocr": _lines(random, duration, 300, "angle", 3),
        "keywords": [{"id": i, **keyword} for i, keyword in enumerate(_keywords(videos, number), start=1)],
        "labels": [],
    }
    document: Json = {
        "accountId": _NOBODY,
        "id": video_id(number),
        "name": _name(number),
        "userName": "benchmarks",
        "created": _created(number),
        "state": "Processed",
        "isOwned": True,
        "isBase": True,
        "durationInSeconds": duration // 1000,
        "duration": _time(duration),
        "summarizedInsights": None,
        "videos": [{"accountId": _NOBODY, "id": video_id(number), "state": "Processed", "insights": insights}],
        "videosRanges": [{"videoId": video_id(number), "range": {"start": _time(0), "end": _time(duration)}}],
    }
    missing = _WHOLE_BYTES - len(msgspec.json.encode(document))
    insights["labels"] = _lines(random, duration, max(missing, 0) // _LABEL_BYTES + 1, "referenceId", 1)
    return document


def _lines(random: np.random.Generator, duration: int, count: int, extra: str, words: int) -> list[Json]:
    """Insights that an import skips: some text, a number, and a place in time."""
    texts = vocabulary().texts
    chosen = random.integers(0, TOPICS * 10, (count, words)).tolist()
    starts = np.sort(random.integers(0, duration - _INSTANCE_MILLISECONDS, count)).tolist()
    return [
        {
            "id": i + 1,
            "text": " ".join(texts[keyword] for keyword in own),
            "confidence": 0.8931,
            extra: 1,
            "language": LANGUAGE,
            "instances": [_instance(_time(start), _time(start + _INSTANCE_MILLISECONDS))],
        }
        for i, (own, start) in enumerate(zip(chosen, starts, strict=True))
    ]


def _keywords(videos: Catalog, number: int) -> list[Json]:
    texts = vocabulary().texts
    values = zip(
        videos.keywords[number].tolist(),
        (videos.confidence[number].astype(np.float64) / CONFIDENCE_STEPS).tolist(),
        videos.milliseconds[number].tolist(),
        strict=True,
    )
    return [
        {
            "text": texts[keyword],
            "confidence": confidence,
            "language": LANGUAGE,
            "instances": _instances(int(videos.duration[number]), milliseconds, keyword),
        }
        for keyword, confidence, milliseconds in values
    ]


def _instances(duration: int, milliseconds: int, keyword: int) -> list[Json]:
    """Spans that together are so long and do not overlap; the keyword decides where in the video they are."""
    count = min(1 + milliseconds // _INSTANCE_MILLISECONDS, _MAX_INSTANCES)
    lengths = [milliseconds // count] * (count - 1)
    lengths.append(milliseconds - sum(lengths))
    slot = duration // count
    offset = keyword % (slot - max(lengths))
    return [_instance(_time(i * slot + offset), _time(i * slot + offset + length)) for i, length in enumerate(lengths)]


def _instance(start: str, end: str) -> Json:
    return {"adjustedStart": start, "adjustedEnd": end, "start": start, "end": end}


def _name(number: int) -> str:
    return f"Video {number} of a synthetic catalog"


def _created(number: int) -> str:
    return (_EPOCH + dt.timedelta(minutes=number)).isoformat()


def _time(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    seconds, fraction = divmod(rest, 1000)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}" + (f".{fraction:03}" if fraction else "")
