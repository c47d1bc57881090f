"""The documents of `tests/data`, and small ones made in place."""

import json
from pathlib import Path
from typing import Any

from matchcut_server.insights.model import Video
from matchcut_server.insights.report import Report
from matchcut_server.insights.video_index import VideoIndex, read_video_index

DATA = Path(__file__).parent / "data"
REAL = DATA / "real"
SYNTHETIC = DATA / "synthetic"
FRAGMENTS = DATA / "fragments"

RETIRED = "v1-vindexertest-1d58f514c9.json"
"""The one real document of API v1."""


def document(*keywords: dict[str, Any], **root: Any) -> dict[str, Any]:
    """Make a document of one video of 100 seconds in English; fields in `root` are added to it or replace its own."""
    insights = {"duration": "0:01:40", "language": "en-US", "keywords": list(keywords)}
    video = {"id": "v1", "state": "Processed", "insights": insights}
    return {"id": "v1", "name": "a title", "state": "Processed", "videos": [video], **root}


def keyword_json(text: str, *spans: tuple[str, str], **fields: Any) -> dict[str, Any]:
    """Make an entry of `keywords` with instances at these times."""
    instances = [{"start": start, "end": end, "adjustedStart": start, "adjustedEnd": end} for start, end in spans]
    return {"text": text, "confidence": 0.5, "language": "en-US", "instances": instances, **fields}


def encode(content: object) -> bytes:
    """Write JSON as Video Indexer sends it."""
    return json.dumps(content, ensure_ascii=False).encode()


def read(content: object, report: Report | None = None, default_language: str = "en-US") -> VideoIndex:
    """Read a document that is in order, given as bytes or as what is to be written as JSON."""
    report = Report() if report is None else report
    index = read_video_index(content if isinstance(content, bytes) else encode(content), default_language, report)
    assert index is not None, report.violations
    return index


def read_video(content: object) -> Video:
    """Read a document that is in order into a new video."""
    index = read(content)
    return Video(
        index.video_id, index.name, index.duration or 0.0, index.created, None, {}, keyword_sets=index.keyword_sets
    )


def real_videos(folder: Path = REAL) -> list[Video]:
    """Read all real documents that can be read, by file name."""
    return [read_video(path.read_bytes()) for path in sorted(folder.glob("*.json")) if path.name != RETIRED]
