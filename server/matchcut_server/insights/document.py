"""The JSON of Get Video Index (API v2), as typed structs: only what Matchcut reads of it.

Everything is optional and may be null; unknown fields are skipped without being built, so the megabytes of other
insights, and with them user names and view tokens, never become objects.
"""

import re

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from ..errors import InvalidInput, Reason, Violation, quote
from .fragment import complete_fragment


# Without the garbage collector, which need not look at what cannot refer to itself: there are very many.
class InstanceJson(Struct, rename="camel", gc=False):
    """A time span: `start`/`end` in the original video, `adjusted…` in this one."""

    start: str | None = None
    end: str | None = None
    adjusted_start: str | None = None
    adjusted_end: str | None = None


class KeywordJson(Struct, gc=False):
    """An entry of `insights.keywords`."""

    text: str | None = None
    confidence: float | None = None
    language: str | None = None
    instances: list[InstanceJson] | None = None


class InsightsJson(Struct, rename="camel"):
    """`videos[].insights`."""

    duration: str | None = None
    language: str | None = None
    keywords: list[KeywordJson] | None = None


class VideoJson(Struct, rename="camel"):
    """An entry of `videos`."""

    id: str | None = None
    state: str | None = None
    language: str | None = None
    insights: InsightsJson | None = None


class RangeJson(Struct):
    """A span of a source video."""

    start: str | None = None
    end: str | None = None


class VideoRangeJson(Struct):
    """An entry of `videosRanges`."""

    range: RangeJson | None = None


class AppearanceJson(Struct, rename="camel"):
    """A time span of a summarized keyword."""

    start_time: str | None = None
    end_time: str | None = None
    start_seconds: float | None = None
    end_seconds: float | None = None


class SummarizedKeywordJson(Struct):
    """An entry of the deprecated `summarizedInsights.keywords`."""

    name: str | None = None
    appearances: list[AppearanceJson] | None = None


class SummarizedInsightsJson(Struct):
    """The deprecated `summarizedInsights`."""

    keywords: list[SummarizedKeywordJson] | None = None


class DocumentJson(Struct, rename="camel"):
    """The root: a video, a project of several, or a part of one of them."""

    id: str | None = None
    name: str | None = None
    created: str | None = None
    state: str | None = None
    is_base: bool | None = None
    duration: str | None = None
    duration_in_seconds: float | None = None
    summarized_insights: SummarizedInsightsJson | None = None
    videos: list[VideoJson] | None = None
    videos_ranges: list[VideoRangeJson] | None = None
    breakdowns: Raw | UnsetType = UNSET
    """Only in the retired API v1."""
    insights: InsightsJson | UnsetType | None = UNSET
    """Only in hand-cut documents."""
    keywords: list[KeywordJson] | UnsetType | None = UNSET
    """Only in hand-cut documents."""


_DOCUMENT = msgspec.json.Decoder(DocumentJson)
_KEYWORDS = msgspec.json.Decoder(list[KeywordJson])

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def decode_document(content: bytes) -> DocumentJson:
    """Decode a document or a part of one. Raise `InvalidInput` with the JSON path if it has another shape."""
    content = complete_fragment(_utf8(content))
    try:
        if content.startswith(b"["):
            return DocumentJson(keywords=_KEYWORDS.decode(content))
        return _DOCUMENT.decode(content)
    except msgspec.ValidationError as error:
        raise InvalidInput([_wrong_shape(content, str(error))]) from None
    except msgspec.DecodeError as error:
        message = f"not valid JSON: {error}; send the document as the API returned it, whole"
        raise InvalidInput([Violation("", Reason.MALFORMED_JSON, message)]) from None
    except RecursionError:
        raise InvalidInput(
            [Violation("", Reason.MALFORMED_JSON, "nested too deep to be a Video Indexer document")]
        ) from None


def _utf8(content: bytes) -> bytes:
    if content.startswith(b"{") and content.endswith(b"}") and content.isascii():
        return content  # most are
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}; send JSON as UTF-8"
        raise InvalidInput([Violation("", Reason.MALFORMED_JSON, message)]) from None
    if not text.strip():
        raise InvalidInput([Violation("", Reason.REQUIRED, "the document is empty; send the JSON of Get Video Index")])
    return text.strip().encode()


def _wrong_shape(content: bytes, error: str) -> Violation:
    """Turn msgspec's message into a violation with path, value and remedy."""
    what, _, path = error.partition(" - at `$")
    path = path.removesuffix("`").removeprefix(".")
    message = f"{what[:1].lower()}{what[1:].replace('`', '')}"
    value = _value_at(content, path)
    if value:
        message += f" {value}"
    return Violation(path, Reason.INVALID_VALUE, f"{message}; correct it or leave it out")


def _value_at(content: bytes, path: str) -> str:
    """Find the refused value in the document, for the message; empty if it cannot be shown."""
    try:
        value = msgspec.json.decode(content)
        for name, position in _STEP.findall(f".{path}" if path and not path.startswith("[") else path):
            value = value[name] if name else value[int(position)]
    except (msgspec.DecodeError, RecursionError, LookupError, TypeError):
        return ""
    return "" if isinstance(value, dict | list) else quote(value)
