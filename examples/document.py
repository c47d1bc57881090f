"""Video Indexer documents (API v2 as of 2024) made from clips."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from examples.clips import Clip, Project, Theme, listed
from examples.timeline import (
    SECOND,
    Draws,
    Span,
    Window,
    main_spans,
    passing_spans,
    reindexed,
    time_span,
    transcript_lines,
)
from examples.vocabulary import FILLER, LABELS, TOPICS

Json = dict[str, object]

_NOBODY = "00000000-0000-0000-0000-000000000000"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"

_FLOOR = 0.6211
"""The confidence that 45 % of all keywords of real documents share."""
_PHRASE_CONFIDENCES = (0.9975, 0.9954, 0.9938, 0.9847, 0.976, 0.9752)
_WORD_CONFIDENCES = (0.9752, 0.8759, 0.8478, 0.8041, 0.7217, 0.7217, 0.7146)


@dataclass(frozen=True)
class Finding:
    """Something found in a video: the fields of its kind but for id and instances, and where it is seen or heard.

    `extra` are fields that this kind has on every instance, before the times.
    """

    fields: Mapping[str, object]
    spans: Sequence[Span]
    extra: Mapping[str, object]


@dataclass(frozen=True)
class Recording:
    """A clip with everything found in it; `duration` in ticks, `findings` by insight kind."""

    clip: Clip
    video_id: str
    created: str
    duration: int
    findings: Mapping[str, Sequence[Finding]]


def video_id(slug: str) -> str:
    """Ten characters of base 36 that depend on nothing but the slug."""
    number = int.from_bytes(hashlib.sha256(f"id {slug}".encode()).digest(), "big")
    digits = ""
    for _ in range(10):
        number, digit = divmod(number, len(_BASE36))
        digits += _BASE36[digit]
    return digits


def record(clip: Clip, theme: Theme) -> Recording:
    """Everything the documents say about a clip of a theme."""
    # A second upload has the sound and picture of the first, so it starts from the same draws.
    draws = Draws(f"clip {clip.copy_of or clip.slug}")
    duration = round(clip.minutes * 60) * SECOND + draws.below(1000) * SECOND // 1000
    findings = _findings(draws, clip, theme, duration) if clip.spoken else _silent(draws, clip, theme, duration)
    if clip.copy_of:
        again = Draws(f"copy {clip.slug}")
        findings["keywords"] = [
            replace(found, spans=reindexed(again, found.spans, duration)) for found in findings["keywords"]
        ]
    created = _created(Draws(f"created {clip.slug}"), clip.created)
    return Recording(clip, video_id(clip.slug), created, duration, findings)


def document(recording: Recording) -> Json:
    """The document of one video."""
    window = Window(0, recording.duration)
    return _playlist(recording.video_id, recording.clip.title, recording.created, [(recording, window)], is_base=True)


def project_document(project: Project, recordings: Mapping[str, Recording]) -> Json:
    """The document of a project; `recordings` by slug must hold those it is cut from."""
    shown: list[tuple[Recording, Window]] = []
    offset = 0
    for part in project.parts:
        start, length = part.start * SECOND, part.length * SECOND
        shown.append((recordings[part.slug], Window(start, start + length, offset)))
        offset += length
    created = _created(Draws(f"created {project.slug}"), project.created)
    return _playlist(video_id(project.slug), project.title, created, shown, is_base=False)


def _playlist(
    root_id: str, title: str, created: str, shown: Sequence[tuple[Recording, Window]], *, is_base: bool
) -> Json:
    duration = sum(window.end - window.start for _, window in shown)
    return {
        "partition": None,
        "description": None,
        "privacyMode": "Private",
        "state": "Processed",
        "accountId": _NOBODY,
        "id": root_id,
        "name": title,
        "userName": "examples",
        "created": created,
        "isOwned": True,
        "isEditable": True,
        "isBase": is_base,
        "durationInSeconds": duration // SECOND,
        "duration": time_span(duration),
        "summarizedInsights": None,
        "videos": [_video(recording, window) for recording, window in shown],
        "videosRanges": [
            {
                "videoId": recording.video_id,
                "range": {"start": time_span(window.start), "end": time_span(window.end)},
            }
            for recording, window in shown
        ],
    }


def _video(recording: Recording, window: Window) -> Json:
    clip = recording.clip
    translated = bool(clip.source_language)
    source = clip.source_language or clip.language
    return {
        "accountId": _NOBODY,
        "id": recording.video_id,
        "state": "Processed",
        "moderationState": "OK",
        "reviewState": "None",
        "privacyMode": "Private",
        "processingProgress": "100%",
        "failureMessage": "",
        "externalId": None,
        "externalUrl": None,
        "metadata": None,
        "insights": _insights(recording, window),
        "thumbnailId": _NOBODY,
        "width": 1280,
        "height": 720,
        "detectSourceLanguage": translated,
        "languageAutoDetectMode": "Single" if translated else "None",
        "sourceLanguage": source,
        "sourceLanguages": [source],
        "language": clip.language,
        "languages": [clip.language],
        "indexingPreset": "Default",
        "streamingPreset": "Default",
        "linguisticModelId": _NOBODY,
        "personModelId": _NOBODY,
        "logoGroupId": None,
        "isAdult": False,
        "excludedAIs": [],
        "isSearchable": True,
        "publishedUrl": None,
        "publishedProxyUrl": None,
    }


def _insights(recording: Recording, window: Window) -> Json:
    clip = recording.clip
    source = clip.source_language or clip.language
    insights: Json = {
        "version": "1.0.0.0",
        "duration": time_span(recording.duration),
        "sourceLanguage": source,
        "sourceLanguages": [source],
        "language": clip.language,
        "languages": [clip.language],
    }
    for kind, findings in recording.findings.items():
        entries = _entries(findings, window, first_id=0 if kind == "blocks" else 1)
        # Like the real thing: what was not found has no key, rather than an empty list.
        if entries:
            insights[kind] = entries
    insights["textualContentModeration"] = {
        "id": 0,
        "bannedWordsCount": 0,
        "bannedWordsRatio": 0,
        "instances": [],
    }
    insights["statistics"] = _statistics(clip, spoken="speakers" in insights)
    if clip.source_language:
        insights["sourceLanguageConfidence"] = 0.9254
    return insights


def _entries(findings: Iterable[Finding], window: Window, *, first_id: int) -> list[Json]:
    """The findings seen in the window, numbered from `first_id`."""
    entries: list[Json] = []
    for found in findings:
        instances = [{**found.extra, **_times(span, window)} for span in window.shown(found.spans)]
        if instances:
            entries.append({"id": first_id + len(entries), **found.fields, "instances": instances})
    return entries


def _times(span: Span, window: Window) -> Json:
    adjusted = window.adjusted(span)
    return {
        "adjustedStart": time_span(adjusted.start),
        "adjustedEnd": time_span(adjusted.end),
        "start": time_span(span.start),
        "end": time_span(span.end),
    }


def _statistics(clip: Clip, *, spoken: bool) -> Json:
    words = len(clip.title.split())
    return {
        "correspondenceCount": 0,
        "speakerTalkToListenRatio": {"1": 1} if spoken else {},
        "speakerLongestMonolog": {"1": 8} if spoken else {},
        "speakerNumberOfFragments": {"1": 1} if spoken else {},
        "speakerWordCount": {"1": words} if spoken else {},
    }


def _findings(draws: Draws, clip: Clip, theme: Theme, duration: int) -> dict[str, list[Finding]]:
    """What is found in a clip in which somebody speaks, by insight kind."""
    lines = transcript_lines(draws, duration)
    findings: dict[str, list[Finding]] = {}
    # The title is all the transcript says, and it is in the spoken language: no text for a translated reading.
    if not clip.source_language:
        findings["transcript"] = [_transcript(clip, lines[0])]
    findings["keywords"] = _keywords(draws, clip, lines, duration)
    findings["topics"] = _topics(draws, clip, theme, lines)
    findings["labels"] = _labels(draws, clip, theme, duration)
    whole = [Span(0, duration)]
    findings["sentiments"] = [Finding({"averageScore": 0.5, "sentimentType": "Neutral"}, whole, {})]
    findings["blocks"] = [Finding({}, whole, {})]
    findings["speakers"] = [Finding({"name": "Speaker #1"}, [lines[0]], {})]
    return findings


def _silent(draws: Draws, clip: Clip, theme: Theme, duration: int) -> dict[str, list[Finding]]:
    """What is found in a clip without a word."""
    return {
        "labels": _labels(draws, clip, theme, duration),
        "blocks": [Finding({}, [Span(0, duration)], {})],
    }


def _transcript(clip: Clip, line: Span) -> Finding:
    fields = {"text": f"{clip.title}.", "confidence": 0.8931, "speakerId": 1, "language": clip.language}
    return Finding(fields, [line], {})


def _keywords(draws: Draws, clip: Clip, lines: Sequence[Span], duration: int) -> list[Finding]:
    """The clip's keywords and some filler, by confidence: main ones are sure, 45 % of all are at the floor."""
    main, also = listed(clip.main), listed(clip.also)
    filler = draws.some((word for word in FILLER[clip.language[:2]] if word not in main + also), draws.below(4))
    texts = [*main, *also, *filler]
    unsure = {*filler, *draws.some(also, (45 * len(texts) + 50) // 100 - len(filler))}
    found: list[tuple[float, str, list[Span]]] = []
    for rank, text in enumerate(texts):
        values = _PHRASE_CONFIDENCES if " " in text else _WORD_CONFIDENCES
        confidence = _FLOOR if text in unsure else draws.one(values)
        is_main = rank < len(main)
        spans = main_spans(draws, lines, duration, rank) if is_main else passing_spans(draws, lines, duration)
        found.append((confidence, text, spans))
    found.sort(key=lambda entry: -entry[0])
    return [
        Finding({"text": text, "confidence": confidence, "language": clip.language}, spans, {})
        for confidence, text, spans in found
    ]


def _topics(draws: Draws, clip: Clip, theme: Theme, lines: Sequence[Span]) -> list[Finding]:
    findings: list[Finding] = []
    for number, name in enumerate(listed(clip.topics or theme.topics), start=1):
        topic = TOPICS[name]
        fields = {
            "name": topic.names[clip.language[:2]],
            "referenceId": topic.reference,
            "referenceType": "VideoIndexer",
            "iptcName": topic.iptc,
            "confidence": (9100 - 900 * number + draws.below(800)) / 10_000,
            "iabName": topic.iab,
            "language": clip.language,
        }
        first = draws.below(max(1, len(lines) // 2))
        findings.append(Finding(fields, [Span(lines[first].start, lines[-1].end)], {}))
    return findings


def _labels(draws: Draws, clip: Clip, theme: Theme, duration: int) -> list[Finding]:
    findings: list[Finding] = []
    for name in draws.some(listed(theme.labels), 3):
        label = LABELS[name]
        fields = {
            "name": label.names[clip.language[:2]],
            "referenceId": label.reference,
            "language": clip.language,
        }
        start = draws.below(duration // SECOND // 2) * SECOND
        extra = {"confidence": (9000 + draws.below(990)) / 10_000}
        findings.append(Finding(fields, [Span(start, start + (1 + draws.below(20)) * SECOND)], extra))
    return findings


def _created(draws: Draws, day: str) -> str:
    """An upload time on the day, or on some day of 2024, with as many digits as .NET would print."""
    if not day:
        day = (dt.date(2024, 1, 8) + dt.timedelta(days=draws.below(340))).isoformat()
    clock = 7 * 3600 + draws.below(12 * 3600)
    fraction = draws.below(1000) * 10_000 if draws.chance(50) else draws.below(SECOND)
    seconds = f"{clock % 60:02}.{fraction:07}".rstrip("0").rstrip(".")
    return f"{day}T{clock // 3600:02}:{clock // 60 % 60:02}:{seconds}+00:00"
