"""Keyword sets, made from keywords as they come: checked, clipped and merged."""

import math
from collections.abc import Sequence

from ..errors import Reason
from .limits import check_keyword
from .model import Instance, Keyword, KeywordSet
from .report import AdjustmentKind, Report
from .text import has_word, normalise
from .timespan import MAX_SECONDS

MAX_KEYWORDS = 1_000
MAX_INSTANCES = 10_000
"""In a keyword set."""


class KeywordSetBuilder:
    """Collects the keywords of one language of one video.

    `duration` is the exact duration of the video in seconds, to which instances are clipped; None if unknown.
    """

    def __init__(self, language: str, duration: float | None, report: Report) -> None:
        self._language = language
        self._end = math.inf if duration is None else duration
        self._report = report
        self._keywords: dict[str, Keyword] = {}
        self._instances = 0
        self.summarized = False

    def add(
        self,
        field: str,
        text: str | None,
        confidence: float | None,
        instances: Sequence[Instance],
        names: tuple[str, str] = ("text", "instances"),
    ) -> None:
        """Take one keyword. What cannot be taken is refused in the report.

        For messages: `field` is its path, `names` what its text and instances are called there. Of equal texts, the
        instances are united and the highest confidence counts.
        """
        text = self._checked_text(f"{field}.{names[0]}", text)
        confidence = self._checked_confidence(field, confidence)
        kept = self._clipped(f"{field}.{names[1]}", instances)
        if text is None:
            return
        key = normalise(text)
        twin = self._keywords.get(key)
        if twin is not None:
            self._report.adjust(AdjustmentKind.MERGED_KEYWORD, field)
            text, confidence = twin.text, _highest(twin.confidence, confidence)
            kept = (*twin.instances, *kept)
        elif len(self._keywords) >= MAX_KEYWORDS:
            self._report.refuse(
                field,
                f"a keyword set may have at most {MAX_KEYWORDS} keywords; send the most important",
                Reason.TOO_LARGE,
            )
            return
        self._keywords[key] = Keyword(text, confidence, tuple(sorted(set(kept), key=_order)) if len(kept) > 1 else kept)

    def build(self) -> KeywordSet:
        """Return the keyword set; only valid if nothing was refused."""
        return KeywordSet(self._language, tuple(self._keywords.values()), self.summarized)

    def _checked_text(self, field: str, text: str | None) -> str | None:
        if not check_keyword(field, text or "", self._report):
            return None
        assert text is not None
        if not has_word(text):
            self._report.adjust(AdjustmentKind.KEYWORD_WITHOUT_WORDS, field)
        return text

    def _checked_confidence(self, field: str, confidence: float | None) -> float | None:
        if confidence is None:
            self._report.adjust(AdjustmentKind.DEFAULTED_CONFIDENCE, f"{field}.confidence")
            return None
        if not math.isfinite(confidence):
            self._report.refuse(
                f"{field}.confidence",
                f"{confidence} is not a number from 0 to 1; give one, or leave it out for the default",
            )
            return None
        if not 0 <= confidence <= 1:
            self._report.adjust(AdjustmentKind.CLAMPED_CONFIDENCE, f"{field}.confidence")
        return min(max(confidence, 0.0), 1.0)

    def _clipped(self, field: str, instances: Sequence[Instance]) -> tuple[Instance, ...]:
        self._instances += len(instances)
        if self._instances > MAX_INSTANCES:
            self._report.refuse(
                field,
                f"a keyword set may have at most {MAX_INSTANCES} instances; merge overlapping ones",
                Reason.TOO_LARGE,
            )
            return ()
        kept = []
        for i, given in enumerate(instances):
            instance = given
            if not (abs(instance.start) <= MAX_SECONDS and abs(instance.end) <= MAX_SECONDS):
                message = f"{instance.start} to {instance.end} are not seconds of a video; at most {MAX_SECONDS:.0f}"
                self._report.refuse(f"{field}[{i}]", message)
                continue
            start, end = max(instance.start, 0.0), min(instance.end, self._end)
            if end <= start:
                self._report.adjust(AdjustmentKind.DROPPED_INSTANCE, f"{field}[{i}]")
                continue
            if start != instance.start or end != instance.end:
                self._report.adjust(AdjustmentKind.CLIPPED_INSTANCE, f"{field}[{i}]")
                instance = _with_span(given, start, end)
            kept.append(instance)
        if not kept:
            self._report.adjust(AdjustmentKind.DEFAULTED_DURATION, field)
        return tuple(kept)


def _order(instance: Instance) -> tuple[float, float, str, float, float]:
    """Order by time, and then by all the rest, so that the same instances are always in the same order."""
    source = (instance.source_video_id or "", _or_first(instance.source_start), _or_first(instance.source_end))
    return (instance.start, instance.end, *source)


def _or_first(time: float | None) -> float:
    return -math.inf if time is None else time


def _with_span(instance: Instance, start: float, end: float) -> Instance:
    """Clip an instance, its times in the source video likewise."""
    source_start, source_end = instance.source_start, instance.source_end
    if source_start is not None:
        source_start += start - instance.start
    if source_end is not None:
        source_end += end - instance.end
    return Instance(start, end, instance.source_video_id, source_start, source_end)


def _highest(first: float | None, second: float | None) -> float | None:
    known = [confidence for confidence in (first, second) if confidence is not None]
    return max(known) if known else None
