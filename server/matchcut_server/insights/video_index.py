"""One Video Indexer document, read: the keyword sets and metadata it brings.

Every v2 shape is taken: whole documents of any year, projects of several videos, `{"insights": {...}}`,
`{"keywords": [...]}`, a bare list of keywords, and the documentation's fragments.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import UNSET

from ..errors import Reason, quote
from .document import (
    AppearanceJson,
    DocumentJson,
    InsightsJson,
    KeywordJson,
    VideoJson,
    decode_document,
)
from .keywords import KeywordSetBuilder
from .language import canonical_language
from .limits import MAX_SOURCE_ID_BYTES, check_id
from .model import Instance, KeywordSet
from .report import AdjustmentKind, Report
from .timespan import FIRST_MOMENT, LAST_MOMENT, parse_time

_PROCESSED = "processed"
_NO_INSIGHTS = "no insights yet; import the document again when it is indexed"

_LONG_FRACTION_DIGITS = 6
"""`datetime` takes no more; Video Indexer writes up to 7."""


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """What a document brings. Fields that it does not carry are None or empty."""

    video_id: str
    name: str
    created: float | None
    """Unix seconds."""
    duration: float | None
    """Seconds, exact to the tick. None if the document does not say."""
    keyword_sets: tuple[KeywordSet, ...]
    """One for each language, at least one; ordered by language."""


def read_video_index(content: bytes, default_language: str, report: Report) -> VideoIndex | None:
    """Read a document. What is wrong with it goes into `report`, and then None is returned.

    `default_language` is the canonical tag for keywords for which the document names no language. Raises
    `InvalidInput` if the bytes are not such a document at all.
    """
    document = decode_document(content)
    report.item_id = report.item_id or document.id or ""
    if not _is_readable(document, report):
        return None
    parts = _parts(document, report)
    duration = _duration(document, parts, report)
    sets = _keyword_sets(document, parts, duration, default_language, report)
    created = _created(document, report)
    if report.violations:
        return None
    return VideoIndex(document.id or "", document.name or "", created, duration, sets)


@dataclass(frozen=True, slots=True)
class _Part:
    """The insights of one source video, and where they stand in the document."""

    path: str
    insights: InsightsJson
    language: str | None
    source_video_id: str | None
    """Set if the document is a project, whose own time is the adjusted one."""


def _is_readable(document: DocumentJson, report: Report) -> bool:
    if document.videos is not None:
        return _is_processed(document, document.videos, report)
    if document.breakdowns is not UNSET:
        report.refuse(
            "breakdowns",
            "a document of Video Indexer API v1, retired in 2018, which has no keywords; index the video again and "
            "import the API v2 document",
            Reason.RETIRED_FORMAT,
        )
        return False
    if document.insights is None and document.keywords is UNSET:
        report.refuse("insights", _NO_INSIGHTS, Reason.NOT_PROCESSED)
        return False
    if document.insights is UNSET and document.keywords is UNSET:
        if document.state is not None and document.state.lower() != _PROCESSED:
            return _is_processed(document, (), report)
        report.refuse(
            "",
            "neither videos, insights nor keywords; send the JSON of Get Video Index or a part of it",
            Reason.REQUIRED,
        )
        return False
    return True


def _is_processed(document: DocumentJson, videos: Sequence[VideoJson], report: Report) -> bool:
    """Refuse what Video Indexer has not finished: that is to be imported again, not wrong."""
    states = [("state", document.state), *((f"videos[{i}].state", video.state) for i, video in enumerate(videos))]
    for path, state in states:
        if state is not None and state.lower() != _PROCESSED:
            message = f"{quote(state)}: the video is not indexed; import it again when its state is Processed"
            report.refuse(path, message, Reason.NOT_PROCESSED)
            return False
    if not videos:
        report.refuse("videos", "no videos yet; import the document again when it is indexed", Reason.NOT_PROCESSED)
        return False
    for i, video in enumerate(videos):
        if video.insights is None:
            report.refuse(f"videos[{i}].insights", _NO_INSIGHTS, Reason.NOT_PROCESSED)
            return False
    return True


def _parts(document: DocumentJson, report: Report) -> list[_Part]:
    if document.videos is None:
        if document.insights:
            return [_Part("insights.", document.insights, None, None)]
        keywords = document.keywords if document.keywords is not UNSET else None
        return [_Part("", InsightsJson(keywords=keywords), None, None)]
    is_project = (
        len(document.videos) > 1
        or document.is_base is False
        or (document.id is not None and document.videos[0].id not in (None, document.id))
    )
    for i, video in enumerate(document.videos):
        if is_project and video.id:
            check_id(f"videos[{i}].id", video.id, report, MAX_SOURCE_ID_BYTES)
    return [
        _Part(f"videos[{i}].insights.", video.insights, video.language, (video.id or "") if is_project else None)
        for i, video in enumerate(document.videos)
        if video.insights is not None
    ]


def _duration(document: DocumentJson, parts: Sequence[_Part], report: Report) -> float | None:
    """Find the exact duration, None for zero: never the integer `durationInSeconds`, whose fraction was cut off."""
    is_project = parts[0].source_video_id is not None
    candidates = [("duration", document.duration)]
    if not is_project:
        candidates.insert(0, (f"{parts[0].path}duration", parts[0].insights.duration))
    for path, text in candidates:
        seconds = _time(path, text, report) if text else 0.0
        if seconds < 0:
            report.refuse(path, f"{quote(text)} is negative; give the duration as H:MM:SS.fffffff, or leave it out")
        if seconds:
            return seconds
    total = 0.0
    for i, entry in enumerate(document.videos_ranges or ()):
        if entry.range is None or not entry.range.start or not entry.range.end:
            return None
        start = _time(f"videosRanges[{i}].range.start", entry.range.start, report)
        end = _time(f"videosRanges[{i}].range.end", entry.range.end, report)
        total += max(end - start, 0.0)
    return round(total, 7) or None


def _keyword_sets(
    document: DocumentJson, parts: Sequence[_Part], duration: float | None, default_language: str, report: Report
) -> tuple[KeywordSet, ...]:
    builders: dict[str, KeywordSetBuilder] = {}
    end = duration if duration is not None else _bound(document.duration_in_seconds)

    def builder(language: str | None, path: str) -> KeywordSetBuilder:
        tag = canonical_language(language) if language else default_language
        if tag is None:
            report.refuse(path, f"{quote(language)} is not a BCP-47 language tag such as en-US")
            tag = default_language
        return builders.setdefault(tag, KeywordSetBuilder(tag, end, report))

    for part in parts:
        shown_in = part.insights.language or part.language
        builder(shown_in, f"{part.path}language")  # a part without keywords still says that there are none
        for i, keyword in enumerate(part.insights.keywords or ()):
            path = f"{part.path}keywords[{i}]"
            target = builder(keyword.language or shown_in, f"{path}.language")
            target.add(path, keyword.text, keyword.confidence, _instances(path, keyword, part, report))
    if all(part.insights.keywords is None for part in parts):
        _add_summarized(document, builders, report)
    # A language that only stands at the head of parts whose keywords are all in another one has no set of its own.
    sets = [built.build() for built in builders.values()]
    filled = [keyword_set for keyword_set in sets if keyword_set.keywords] or sets[:1]
    return tuple(sorted(filled, key=lambda keyword_set: keyword_set.language))


def _instances(path: str, keyword: KeywordJson, part: _Part, report: Report) -> list[Instance]:
    found = []
    for i, instance in enumerate(keyword.instances or ()):
        adjusted = (instance.adjusted_start, instance.adjusted_end)
        if part.source_video_id is not None:
            # In a project, what counts is the adjusted time; the original one is kept beside it.
            start, end = _span(path, i, _ADJUSTED, adjusted, report)
            given = instance.start is not None and instance.end is not None
            source = _span(path, i, _ORIGINAL, (instance.start, instance.end), report) if given else (None, None)
            found.append(Instance(start, end, part.source_video_id, *source))
        elif instance.start is not None or instance.end is not None:
            found.append(Instance(*_span(path, i, _ORIGINAL, (instance.start, instance.end), report)))
        else:
            found.append(Instance(*_span(path, i, _ADJUSTED, adjusted, report)))
    return found


_ORIGINAL = ("start", "end")
_ADJUSTED = ("adjustedStart", "adjustedEnd")


def _span(
    path: str, number: int, names: tuple[str, str], times: tuple[str | None, str | None], report: Report
) -> tuple[float, float]:
    """Read the times of an instance. Its path is only put together where it is needed: there are very many."""
    first, last = times
    start = parse_time(first) if first is not None else None
    end = parse_time(last) if last is not None else None
    if start is None or end is None:
        for name, time in zip(names, times, strict=True):
            _time(f"{path}.instances[{number}].{name}", time, report)
        return 0.0, 0.0
    return start, end


def _time(path: str, text: str | None, report: Report) -> float:
    if text is None:
        report.refuse(path, "a time is missing; give it as H:MM:SS.fffffff", Reason.REQUIRED)
        return 0.0
    seconds = parse_time(text)
    if seconds is None:
        report.refuse(path, f"{quote(text)} is not a time; write it as H:MM:SS.fffffff, such as 0:01:02.5")
        return 0.0
    return seconds


def _bound(duration_in_seconds: float | None) -> float | None:
    """Bound a duration of which only whole seconds are known: the video is less than one second longer."""
    if duration_in_seconds is None or not 0 < duration_in_seconds < math.inf:
        return None
    return math.floor(duration_in_seconds) + 1.0


def _add_summarized(document: DocumentJson, builders: dict[str, KeywordSetBuilder], report: Report) -> None:
    """Fall back to the deprecated view, which has no confidences and joins spans across gaps."""
    summarized = document.summarized_insights
    if summarized is None or not summarized.keywords:
        return
    target = next(iter(builders.values()))
    target.summarized = True
    report.adjust(AdjustmentKind.SUMMARIZED_KEYWORDS, "summarizedInsights.keywords")
    for i, keyword in enumerate(summarized.keywords):
        path = f"summarizedInsights.keywords[{i}]"
        spans = list(_appearances(path, keyword.appearances or (), report))
        target.add(path, keyword.name, None, spans, names=("name", "appearances"))


def _appearances(path: str, appearances: Sequence[AppearanceJson], report: Report) -> Iterator[Instance]:
    for i, appearance in enumerate(appearances):
        where = f"{path}.appearances[{i}]"
        if appearance.start_time is not None and appearance.end_time is not None:
            yield Instance(
                _time(f"{where}.startTime", appearance.start_time, report),
                _time(f"{where}.endTime", appearance.end_time, report),
            )
        elif appearance.start_seconds is not None and appearance.end_seconds is not None:
            yield Instance(appearance.start_seconds, appearance.end_seconds)
        else:
            report.refuse(where, "an appearance needs startTime and endTime", Reason.REQUIRED)


def _created(document: DocumentJson, report: Report) -> float | None:
    if not document.created:
        return None
    text = document.created
    head, dot, tail = text.partition(".")
    if dot:
        digits = len(tail) - len(tail.lstrip("0123456789"))
        text = f"{head}.{tail[: min(digits, _LONG_FRACTION_DIGITS)]}{tail[digits:]}"
    try:
        moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else datetime.fromisoformat(f"{text}+00:00")).timestamp()
    except (ValueError, OverflowError):
        seconds = math.nan
    if not FIRST_MOMENT <= seconds <= LAST_MOMENT:  # the time zone may lead out of the years 1 to 9999
        report.refuse("created", f"{quote(document.created)} is not an ISO 8601 time such as 2024-07-05T12:24:33+00:00")
        return None
    return seconds
