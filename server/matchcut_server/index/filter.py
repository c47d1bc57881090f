"""Filters: which videos are allowed."""

from dataclasses import dataclass

import numpy as np

from ..insights.language import primary_language
from .columns import Columns, Mask, any_of, positions_of


@dataclass(frozen=True, slots=True)
class HasLanguage:
    """The video has a keyword set in this language; `en` also takes `en-US`, `en-US` takes only itself."""

    language: str

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether the condition holds."""
        wanted = self.language
        exact = "-" in wanted
        return any_of(
            columns,
            (
                columns.with_language(language)
                for language in columns.languages
                if language == wanted or (not exact and primary_language(language) == wanted)
            ),
        )


@dataclass(frozen=True, slots=True)
class HasAttribute:
    """The video has one of these values of an attribute; without values, any."""

    name: str
    values: tuple[str, ...] = ()

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether the condition holds."""
        return any_of(columns, (columns.with_attribute(self.name, value) for value in self.values or (None,)))


@dataclass(frozen=True, slots=True)
class PublishedBetween:
    """The published time is at least `start` and before `end` (Unix seconds); None: no end on that side."""

    start: float | None = None
    end: float | None = None

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether the condition holds."""
        found = np.isfinite(columns.published)
        if self.start is not None:
            found &= columns.published >= self.start
        if self.end is not None:
            found &= columns.published < self.end
        return found


@dataclass(frozen=True, slots=True)
class DurationBetween:
    """The duration is at least `shortest` and at most `longest` seconds; None: no end on that side."""

    shortest: float | None = None
    longest: float | None = None

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether the condition holds."""
        found = columns.duration > 0
        if self.shortest is not None:
            found &= columns.duration >= self.shortest
        if self.longest is not None:
            found &= columns.duration <= self.longest
        return found


@dataclass(frozen=True, slots=True)
class HasId:
    """The video has one of these ids."""

    video_ids: frozenset[str]

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether the condition holds."""
        return any_of(columns, [positions_of(columns, self.video_ids)])


Condition = HasLanguage | HasAttribute | PublishedBetween | DurationBetween | HasId


@dataclass(frozen=True, slots=True)
class Filter:
    """All of, any of (when there is any), and none of some conditions."""

    all_of: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    none_of: tuple[Condition, ...] = ()

    def mask(self, columns: Columns) -> Mask:
        """Tell for each video whether it is allowed."""
        allowed = np.ones(len(columns), dtype=bool)
        for condition in self.all_of:
            allowed &= condition.mask(columns)
        if self.any_of:
            allowed &= np.logical_or.reduce([condition.mask(columns) for condition in self.any_of])
        for condition in self.none_of:
            allowed &= ~condition.mask(columns)
        return allowed
