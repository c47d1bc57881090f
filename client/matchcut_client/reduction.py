"""What of a Video Indexer document is worth sending: a few kB out of megabytes."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

__all__ = ["reduce_video_index"]

_Shape = Mapping[str, Any] | list[Any] | None
"""What is kept: of an object the named members, of a list all items, and of the rest (None) the value itself."""

_KEYWORDS: _Shape = [
    {
        "text": None,
        "confidence": None,
        "language": None,
        "instances": [{"start": None, "end": None, "adjustedStart": None, "adjustedEnd": None}],
    }
]
_INSIGHTS: _Shape = {"duration": None, "language": None, "keywords": _KEYWORDS}
_DOCUMENT: Mapping[str, Any] = {
    "id": None,
    "name": None,
    "created": None,
    "state": None,
    "isBase": None,
    "duration": None,
    "durationInSeconds": None,
    "videos": [{"id": None, "state": None, "language": None, "insights": _INSIGHTS}],
    "videosRanges": [{"range": {"start": None, "end": None}}],
    # Its presence tells a document of the retired API v1, which the server refuses by name.
    "breakdowns": None,
    "insights": _INSIGHTS,
    "keywords": _KEYWORDS,
}
_SUMMARIZED: _Shape = {
    "keywords": [
        {
            "name": None,
            "appearances": [{"startTime": None, "endTime": None, "startSeconds": None, "endSeconds": None}],
        }
    ]
}


def reduce_video_index(content: bytes) -> bytes:
    """Return the part of a Video Indexer document that a server reads.

    Everything kept stays where it was, so that the server's messages fit the whole document, and nothing is corrected:
    a value of the wrong type stays one, for the server to refuse. User names and tokens are never kept. What is not
    JSON, fragments included, is returned as it is.
    """
    try:
        # A BOM would be no JSON, and other encodings than UTF-8 are for the server to refuse.
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
        if isinstance(document, list):
            reduced = _keep(document, _KEYWORDS)
        elif isinstance(document, dict):
            shape = {**_DOCUMENT, "summarizedInsights": _SUMMARIZED} if _lacks_keywords(document) else _DOCUMENT
            reduced = _keep(document, shape)
        else:
            return content
        # Numbers beyond a float's range and lone surrogates raise here: they cannot be written as they were.
        return json.dumps(reduced, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return content


def _keep(value: Any, shape: _Shape) -> Any:
    """Return what of `value` has the given shape, and of a list or an object in the wrong place only which it is."""
    if isinstance(value, dict):
        names = shape if isinstance(shape, Mapping) else {}
        return {name: _keep(item, names[name]) for name, item in value.items() if name in names}
    if isinstance(value, list):
        return [_keep(item, shape[0]) for item in value] if isinstance(shape, list) else []
    return value


def _lacks_keywords(document: dict[str, Any]) -> bool:
    """Tell whether the server falls back to `summarizedInsights`: where no insights say anything of keywords."""
    videos, insights = document.get("videos"), document.get("insights")
    if isinstance(videos, list):
        parts = [video.get("insights") for video in videos if isinstance(video, dict)]
    else:
        parts = [insights if isinstance(insights, dict) else document]
    return not any(isinstance(part, dict) and part.get("keywords") is not None for part in parts)


def _refuse(constant: str) -> NoReturn:
    """Refuse what `json` takes for a number although JSON has none such: NaN, Infinity and -Infinity."""
    raise ValueError(f"{constant} is not JSON")
