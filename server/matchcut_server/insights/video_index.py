"""One Video Indexer document, read: the keyword sets and metadata it brings.

Every v2 shape is taken: whole documents of any year, projects of several videos, `{"insights": {...}}`,
`{"keywords": [...]}`, a bare list of keywords, and the documentation's fragments.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from msgspec import UNSET

from ..errors import Reason, quote
from .document import (
    AppearanceJson,
    DocumentJson,
    InsightsJson,
    InstanceJson,
    SummarizedKeywordJson,
    VideoJson,
    decode_document,
)
from .keywords import KeywordSetBuilder
from .language import canonical_language
from .limits import MAX_SOURCE_ID_BYTES, check_id
from .model import KeywordSet, Sources, floats
from .report import AdjustmentKind, Report
from .spans import Spans, read_spans
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
    for i, state in enumerate([document.state, *[video.state for video in videos]]):
        if state is not None and state.lower() != _PROCESSED:
            path = f"videos[{i - 1}].state" if i else "state"
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
    end = duration if duration is not None else _bound(document.duration_in_seconds)
    summarized = _summarized(document, parts)
    spans = _spans(parts, end) if summarized is None else _summarized_spans(summarized, end)
    builders: dict[str, KeywordSetBuilder] = {}
    by_name: dict[str | None, KeywordSetBuilder] = {}

    def builder(language: str | None, path: str) -> KeywordSetBuilder:
        tag = canonical_language(language) if language else default_language
        if tag is None:
            report.refuse(path, f"{quote(language)} is not a BCP-47 language tag such as en-US")
            return builders.setdefault(default_language, KeywordSetBuilder(default_language, spans, report))
        by_name[language] = builders.setdefault(tag, KeywordSetBuilder(tag, spans, report))
        return by_name[language]

    last = 0
    for part in parts:
        shown_in = part.insights.language or part.language
        builder(shown_in, f"{part.path}language")  # a part without keywords still says that there are none
        path = f"{part.path}keywords"
        for i, keyword in enumerate(part.insights.keywords or ()):
            language = keyword.language or shown_in
            target = by_name.get(language) or builder(language, f"{path}[{i}].language")
            instances = keyword.instances or ()
            first, last = last, last + len(instances)
            if not spans.as_given:
                for j in spans.unreadable(first, last):
                    _refuse_instance(f"{path}[{i}].instances[{j}]", instances[j], part, report)
            target.add(path, i, keyword.text, keyword.confidence, (first, last))
    if summarized is not None:
        _add_summarized(summarized, next(iter(builders.values())), spans, report)
    # A language that only stands at the head of parts whose keywords are all in another one has no set of its own.
    sets = [built.build() for built in builders.values()]
    filled = [keyword_set for keyword_set in sets if keyword_set.texts] or sets[:1]
    return tuple(sorted(filled, key=lambda keyword_set: keyword_set.language))


def _spans(parts: Sequence[_Part], end: float) -> Spans:
    """Read the times of all instances, in order.

    In a project, what counts is the adjusted time; the original one is kept beside it.
    """
    instances = [one for part in parts for keyword in part.insights.keywords or () for one in keyword.instances or ()]
    if parts[0].source_video_id is None:
        starts, ends = read_spans([one.start for one in instances], [one.end for one in instances])
        bare = [i for i in np.flatnonzero(np.isnan(starts)).tolist() if _is_bare(instances[i])]
        if bare:
            starts[bare], ends[bare] = read_spans(
                [instances[i].adjusted_start for i in bare], [instances[i].adjusted_end for i in bare]
            )
        return Spans(starts, ends, end, from_text=True)
    starts, ends = read_spans([one.adjusted_start for one in instances], [one.adjusted_end for one in instances])
    originals = [one if _has_original(one) else InstanceJson() for one in instances]
    source_starts, source_ends = read_spans([one.start for one in originals], [one.end for one in originals])
    given = np.array([_has_original(one) for one in instances], dtype=bool)
    starts[given & np.isnan(source_starts + source_ends)] = math.nan
    ids = [
        part.source_video_id
        for part in parts
        for keyword in part.insights.keywords or ()
        for _ in keyword.instances or ()
    ]
    return Spans(starts, ends, end, Sources(tuple(ids), source_starts, source_ends), from_text=True)


def _is_bare(instance: InstanceJson) -> bool:
    """Tell whether only the adjusted time may be given, which then is that of the video itself."""
    return instance.start is None and instance.end is None


def _has_original(instance: InstanceJson) -> bool:
    return instance.start is not None and instance.end is not None


def _refuse_instance(path: str, instance: InstanceJson, part: _Part, report: Report) -> None:
    """Say which times of an instance cannot be read."""
    is_project = part.source_video_id is not None
    if is_project or _is_bare(instance):
        _time(f"{path}.adjustedStart", instance.adjusted_start, report)
        _time(f"{path}.adjustedEnd", instance.adjusted_end, report)
    if _has_original(instance) if is_project else not _is_bare(instance):
        _time(f"{path}.start", instance.start, report)
        _time(f"{path}.end", instance.end, report)


def _time(path: str, text: str | None, report: Report) -> float:
    if text is None:
        report.refuse(path, "a time is missing; give it as H:MM:SS.fffffff", Reason.REQUIRED)
        return 0.0
    seconds = parse_time(text)
    if seconds is None:
        report.refuse(path, f"{quote(text)} is not a time; write it as H:MM:SS.fffffff, such as 0:01:02.5")
        return 0.0
    return seconds


def _bound(duration_in_seconds: float | None) -> float:
    """Bound a duration of which at best whole seconds are known: the video is less than one second longer."""
    if duration_in_seconds is None or not 0 < duration_in_seconds < math.inf:
        return math.inf
    return math.floor(duration_in_seconds) + 1.0


def _summarized(document: DocumentJson, parts: Sequence[_Part]) -> list[SummarizedKeywordJson] | None:
    """Return the keywords of the deprecated view, if there are only these."""
    if document.summarized_insights is None or any(part.insights.keywords is not None for part in parts):
        return None
    return document.summarized_insights.keywords or None


def _summarized_spans(keywords: Sequence[SummarizedKeywordJson], end: float) -> Spans:
    times = [_appearance(one) for keyword in keywords for one in keyword.appearances or ()]
    return Spans(floats(start for start, _ in times), floats(end for _, end in times), end, from_text=True)


def _appearance(appearance: AppearanceJson) -> tuple[float | None, float | None]:
    if appearance.start_time is not None and appearance.end_time is not None:
        return parse_time(appearance.start_time), parse_time(appearance.end_time)
    return appearance.start_seconds, appearance.end_seconds


def _add_summarized(
    keywords: Sequence[SummarizedKeywordJson], target: KeywordSetBuilder, spans: Spans, report: Report
) -> None:
    """Fall back to the deprecated view, which has no confidences and joins spans across gaps."""
    path = "summarizedInsights.keywords"
    target.summarized = True
    report.adjust(AdjustmentKind.SUMMARIZED_KEYWORDS, path)
    last = 0
    for i, keyword in enumerate(keywords):
        appearances = keyword.appearances or ()
        first, last = last, last + len(appearances)
        for j in spans.unreadable(first, last):
            _refuse_appearance(f"{path}[{i}].appearances[{j}]", appearances[j], report)
        target.add(path, i, keyword.name, None, (first, last), names=("name", "appearances"))


def _refuse_appearance(path: str, appearance: AppearanceJson, report: Report) -> None:
    if appearance.start_time is None or appearance.end_time is None:
        report.refuse(path, "an appearance needs startTime and endTime", Reason.REQUIRED)
        return
    _time(f"{path}.startTime", appearance.start_time, report)
    _time(f"{path}.endTime", appearance.end_time, report)


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
