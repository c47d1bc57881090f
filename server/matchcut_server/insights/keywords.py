"""Keyword sets, made from keywords as they come: checked, clipped and merged."""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..errors import Reason
from .limits import MAX_KEYWORD_LENGTH, check_keyword, is_keyword
from .model import KeywordSet
from .report import AdjustmentKind, Report
from .spans import Fate, Spans
from .text import has_word, normalise
from .timespan import MAX_SECONDS

MAX_KEYWORDS = 1_000
MAX_INSTANCES = 10_000
"""In a keyword set."""


class KeywordSetBuilder:
    """Collects the keywords of one language of one video, whose instances are among `spans`."""

    def __init__(self, language: str, spans: Spans, report: Report) -> None:
        self._language = language
        self._spans = spans
        self._report = report
        self._places: dict[str, int] = {}
        """Of the keywords, by their normalised text."""
        self._texts: list[str] = []
        self._confidences: list[float] = []
        self._owners: list[int] = []
        """Places of the keywords that ranges of instances belong to, one for each that was added."""
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._instances = 0
        self.summarized = False

    def add(
        self,
        list_field: str,
        number: int,
        text: str | None,
        confidence: float | None,
        instances: tuple[int, int],
        names: tuple[str, str] = ("text", "instances"),
    ) -> None:
        """Take one keyword with the instances from one row of the spans to another.

        What cannot be taken is refused in the report. For messages: `list_field` is the path of the list, `number` the
        keyword's place in it, `names` what its text and instances are called there. Of equal texts, the instances are
        united and the highest confidence counts.
        """
        first, last = instances
        text = text or ""
        key, has_word = _examine(text) if len(text) <= MAX_KEYWORD_LENGTH else _TOO_LONG
        if not has_word:
            self._check_text(f"{list_field}[{number}].{names[0]}", text)
        if confidence is None or not 0.0 <= confidence <= 1.0:
            confidence = self._checked_confidence(f"{list_field}[{number}].confidence", confidence)
        self._instances += last - first
        if first == last or not self._spans.as_given or self._instances > MAX_INSTANCES:
            self._check_instances(f"{list_field}[{number}].{names[1]}", first, last)
        if key is None:
            return
        count = len(self._texts)
        place = self._places.setdefault(key, count)
        if place < count:
            self._report.adjust(AdjustmentKind.MERGED_KEYWORD, f"{list_field}[{number}]")
            self._confidences[place] = _highest(self._confidences[place], confidence)
        elif place >= MAX_KEYWORDS:
            del self._places[key]
            message = f"a keyword set may have at most {MAX_KEYWORDS} keywords; send the most important"
            self._report.refuse(f"{list_field}[{number}]", message, Reason.TOO_LARGE)
            return
        else:
            self._texts.append(text)
            self._confidences.append(confidence)
        self._owners.append(place)
        self._firsts.append(first)
        self._lasts.append(last)

    def build(self) -> KeywordSet:
        """Return the keyword set; only valid if nothing was refused."""
        return KeywordSet.of_columns(
            self._language,
            self._texts,
            np.array(self._confidences, dtype=np.float64),
            self._spans.arranged(self._owners, self._firsts, self._lasts, len(self._texts)),
            self.summarized,
        )

    def _check_text(self, field: str, text: str) -> None:
        if check_keyword(field, text, self._report):
            self._report.adjust(AdjustmentKind.KEYWORD_WITHOUT_WORDS, field)

    def _checked_confidence(self, field: str, confidence: float | None) -> float:
        """Return a confidence from 0 to 1, or NaN for none."""
        if confidence is None:
            self._report.adjust(AdjustmentKind.DEFAULTED_CONFIDENCE, field)
            return math.nan
        if not math.isfinite(confidence):
            message = f"{confidence} is not a number from 0 to 1; give one, or leave it out for the default"
            self._report.refuse(field, message)
            return math.nan
        self._report.adjust(AdjustmentKind.CLAMPED_CONFIDENCE, field)
        return min(max(confidence, 0.0), 1.0)

    def _check_instances(self, field: str, first: int, last: int) -> None:
        """Say what becomes of instances, of which some may not be kept as they are."""
        if self._instances > MAX_INSTANCES:
            message = f"a keyword set may have at most {MAX_INSTANCES} instances; merge overlapping ones"
            self._report.refuse(field, message, Reason.TOO_LARGE)
            return
        kept = 0
        for i, fate in enumerate(self._spans.fates[first:last].tolist()):
            if fate == Fate.OUT_OF_RANGE:
                start, end = float(self._spans.starts[first + i]), float(self._spans.ends[first + i])
                message = f"{start} to {end} are not seconds of a video; at most {MAX_SECONDS:.0f}"
                self._report.refuse(f"{field}[{i}]", message)
            elif fate == Fate.DROPPED:
                self._report.adjust(AdjustmentKind.DROPPED_INSTANCE, f"{field}[{i}]")
            elif fate == Fate.CLIPPED:
                self._report.adjust(AdjustmentKind.CLIPPED_INSTANCE, f"{field}[{i}]")
            kept += fate <= Fate.CLIPPED
        if not kept:
            self._report.adjust(AdjustmentKind.DEFAULTED_DURATION, field)


class _Known(NamedTuple):
    """What there is to know of the text of a keyword."""

    key: str | None
    """Normalised; None if it cannot be a keyword."""
    has_word: bool


_TOO_LONG = _Known(None, False)


@lru_cache(maxsize=100_000)
def _examine(text: str) -> _Known:
    if not is_keyword(text):
        return _Known(None, False)
    key = normalise(text)
    return _Known(key, has_word(key))


def _highest(first: float, second: float) -> float:
    """Return the greater of two numbers, either of which may be missing."""
    return second if math.isnan(first) else first if math.isnan(second) else max(first, second)
