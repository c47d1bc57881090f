"""Attribute caps: at most so many videos of a page with the same value of an attribute."""

from collections import Counter
from collections.abc import Mapping, Sequence

from .settings import AttributeCap


class Caps:
    """Counts the values of the videos of one page. A video with several values counts for each of them."""

    def __init__(self, caps: Sequence[AttributeCap]) -> None:
        self._caps = [(cap.name, cap.max_per_value, Counter[str]()) for cap in caps]

    def __bool__(self) -> bool:
        return bool(self._caps)

    def allows(self, attributes: Mapping[str, Sequence[str]]) -> bool:
        """Tell whether one more video with these attributes may come; those without a capped one always may."""
        return all(counts[value] < most for name, most, counts in self._caps for value in attributes.get(name, ()))

    def add(self, attributes: Mapping[str, Sequence[str]]) -> None:
        """Count a video of the page, whether or not it was allowed: a pinned one comes in any case."""
        for name, _, counts in self._caps:
            counts.update(attributes.get(name, ()))
