"""Videos for the stand-in: real documents, and made ones of any number and size."""

import copy
import json
import os
import random
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.azure_stand_in.insights import made_insights, time_string
from tests.documents import REAL, RETIRED

STATES = ("Uploaded", "Processing", "Processed", "Failed", "Quarantined")
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
SECRET = "view-token-that-nobody-keeps"
"""In every document that is answered whole."""

_SOURCES = (("en-US",),) * 7 + (("de-DE",), ("fr-FR",), ("en-US", "es-ES"))
_UNREADY = ("Processing", "Failed", "Uploaded", "Quarantined")

Document = dict[str, Any]


@dataclass(slots=True)
class StandInVideo:
    """A video of the account; the stand-in changes it as time goes by."""

    id: str
    make: Callable[[int], Document]
    """Makes the whole document in the source language, of this revision."""
    name: str = ""
    state: str = "Processed"
    created: datetime = BEGINNING
    last_modified: datetime = BEGINNING
    last_indexed: datetime = BEGINNING
    duration: float = 0.0
    """Seconds."""
    source_languages: Sequence[str] = ("en-US",)
    is_base: bool = True
    external_id: str | None = None
    revision: int = 0
    """How often it was indexed again."""
    in_work: bool = False
    """Whether a caller has asked for it to be indexed, which has not ended."""
    callback_url: str | None = field(default=None, repr=False)


def of_document(document: Document, video_id: str | None = None, state: str = "Processed") -> StandInVideo:
    """Make a video that always answers with one document; `video_id` replaces its id."""
    whole = copy.deepcopy(document)
    if video_id is not None:
        for one in [entry for entry in whole.get("videos", ()) if entry.get("id") == whole.get("id")]:
            one["id"] = video_id
        whole["id"] = video_id
    first: Document = next(iter(whole.get("videos", ())), {})
    source = first.get("sourceLanguages") or [first.get("sourceLanguage") or first.get("language") or "en-US"]
    return StandInVideo(
        whole["id"],
        lambda revision: _renewed(whole, revision),
        name=whole.get("name", ""),
        state=state,
        duration=whole.get("durationInSeconds", 0.0),
        source_languages=source,
        is_base=whole.get("isBase", True),
    )


def real_videos() -> list[StandInVideo]:
    """Return the real documents: whole ones from the folder MATCHCUT_REAL_DOCUMENTS, else those beside the tests."""
    folder = Path(os.environ.get("MATCHCUT_REAL_DOCUMENTS") or REAL)
    paths = [path for path in sorted(folder.glob("*.json")) if path.name != RETIRED]
    return [of_document(json.loads(path.read_bytes())) for path in paths]


def made_videos(count: int, seed: int = 0, *, all_processed: bool = False) -> list[StandInVideo]:
    """Make videos of some minutes, newest first.

    Of ten, seven are in English, one in German, one in French and one in two languages. One of 25 is in another state
    than Processed (unless `all_processed`), and one of 30 has no keywords.
    """
    return list(_made(count, seed, all_processed=all_processed))


def _made(count: int, seed: int, *, all_processed: bool) -> Iterator[StandInVideo]:
    for number in range(count, 0, -1):
        chance = random.Random(f"{seed} {number}")
        unready = number % 25 == 0 and not all_processed
        yield _video(
            _identifier(chance),
            f"made video {number}",
            minutes=chance.uniform(1, 6),
            created=BEGINNING + timedelta(minutes=number),
            state=_UNREADY[number // 25 % len(_UNREADY)] if unready else "Processed",
            sources=_SOURCES[number % len(_SOURCES)],
            keywords=0 if number % 30 == 0 else chance.randint(5, 30),
        )


def large_video(video_id: str = "largevideo", minutes: float = 60, keywords: int = 30) -> StandInVideo:
    """Make a video whose whole document has about 70 kB a minute."""
    return _video(video_id, "an hour of everything", minutes, keywords=keywords, dense=True)


def project(video_id: str, parts: Sequence[StandInVideo], seconds: float = 60.0) -> StandInVideo:
    """Make a project of the beginnings of some videos, one after another."""

    def make(revision: int) -> Document:
        videos, ranges, at = [], [], 0.0
        for part in parts:
            [one] = part.make(revision)["videos"]
            length = min(seconds, part.duration)
            for keyword in one["insights"].get("keywords", ()):
                keyword["instances"] = _adjusted(keyword["instances"], at, length)
            videos.append(one)
            ranges.append({"videoId": part.id, "range": {"start": time_string(0), "end": time_string(length)}})
            at += length
        root = _root(video_id, f"project {video_id}", at, is_base=False)
        return {**root, "videos": videos, "videosRanges": ranges}

    whole = sum(min(seconds, part.duration) for part in parts)
    return StandInVideo(video_id, make, name=f"project {video_id}", duration=whole, is_base=False)


def _video(
    video_id: str,
    name: str,
    minutes: float,
    created: datetime = BEGINNING,
    state: str = "Processed",
    sources: Sequence[str] = ("en-US",),
    **density: Any,
) -> StandInVideo:
    seconds = minutes * 60

    def make(revision: int) -> Document:
        chance = random.Random(f"{video_id} {revision}")
        insights = made_insights(chance, seconds, sources, **density)
        source = {name: insights[name] for name in ("sourceLanguage", "sourceLanguages", "language", "languages")}
        video = {
            "accountId": None,
            "id": video_id,
            "state": "Processed",
            "processingProgress": "100%",
            "failureMessage": "",
            "externalId": None,
            "insights": insights,
            "detectSourceLanguage": len(sources) > 1,
            "languageAutoDetectMode": "Multi" if len(sources) > 1 else "None",
            **source,
            "publishedUrl": f"https://example.org/{video_id}/manifest.m3u8",
            "publishedProxyUrl": None,
            "viewToken": SECRET,
        }
        ranges = [{"videoId": video_id, "range": {"start": time_string(0), "end": time_string(seconds)}}]
        return {**_root(video_id, name, seconds), "videos": [video], "videosRanges": ranges}

    return StandInVideo(video_id, make, name, state, created, created, created, seconds, sources)


def _root(video_id: str, name: str, seconds: float, *, is_base: bool = True) -> Document:
    return {
        "partition": None,
        "description": None,
        "privacyMode": "Private",
        "state": "Processed",
        "accountId": None,
        "id": video_id,
        "name": name,
        "userName": "Someone",
        "isOwned": True,
        "isEditable": True,
        "isBase": is_base,
        "durationInSeconds": int(seconds),
        "duration": time_string(seconds),
        "summarizedInsights": {"name": name, "keywords": [], "duration": {"seconds": seconds}},
    }


def _adjusted(instances: list[Document], at: float, length: float) -> list[Document]:
    """Keep the instances that begin in a part; move their adjusted times to where it is in the project."""
    kept = []
    for instance in instances:
        start, end = (sum(map(float, _hms(instance[name]))) for name in ("start", "end"))
        if start < length:
            times = {"adjustedStart": time_string(at + start), "adjustedEnd": time_string(at + min(end, length))}
            kept.append({**instance, **times, "end": time_string(min(end, length))})
    return kept


def _hms(time: str) -> tuple[float, float, float]:
    hours, minutes, seconds = time.split(":")
    return int(hours) * 3600.0, int(minutes) * 60.0, float(seconds)


def _renewed(document: Document, revision: int) -> Document:
    """Copy a document; indexed again, it has lost the last keyword each time, and got one that is new."""
    whole = copy.deepcopy(document)
    for video in whole.get("videos", ()) if revision else ():
        keywords = (video.get("insights") or {}).get("keywords")
        if keywords:
            keywords[-1]["text"] = f"indexed again {revision}"
    return whole


def _identifier(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase + string.digits, k=10))
