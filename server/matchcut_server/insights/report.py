"""What is said about an item while it is taken: why it is refused, or what was adjusted."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..errors import InvalidInput, Reason, Violation

MAX_VIOLATIONS = 100
"""More are not reported: the first hundred say enough."""


class AdjustmentKind(StrEnum):
    """What is changed on the way in; the names of `AdjustmentKind` in the contract, without its prefix."""

    DEFAULTED_CONFIDENCE = "DEFAULTED_CONFIDENCE"
    CLAMPED_CONFIDENCE = "CLAMPED_CONFIDENCE"
    DEFAULTED_DURATION = "DEFAULTED_DURATION"
    DROPPED_INSTANCE = "DROPPED_INSTANCE"
    CLIPPED_INSTANCE = "CLIPPED_INSTANCE"
    MERGED_KEYWORD = "MERGED_KEYWORD"
    KEYWORD_WITHOUT_WORDS = "KEYWORD_WITHOUT_WORDS"
    SUMMARIZED_KEYWORDS = "SUMMARIZED_KEYWORDS"


@dataclass(slots=True)
class Adjustment:
    """How often one kind of change was made, and the first field it was made at."""

    kind: AdjustmentKind
    count: int
    first_field: str


@dataclass(slots=True)
class Report:
    """Collects refusals and adjustments of one item."""

    item_id: str = ""
    """Id of the item, as far as it is known."""
    violations: list[Violation] = field(default_factory=list)
    _adjustments: dict[AdjustmentKind, Adjustment] = field(default_factory=dict)

    def refuse(self, field_path: str, message: str, reason: Reason = Reason.INVALID_VALUE) -> None:
        """Note why the item cannot be taken."""
        if len(self.violations) < MAX_VIOLATIONS:
            self.violations.append(Violation(field_path, reason, message))

    def adjust(self, kind: AdjustmentKind, field_path: str) -> None:
        """Note what was changed so that the item can be taken."""
        adjustment = self._adjustments.get(kind)
        if adjustment is None:
            self._adjustments[kind] = Adjustment(kind, 1, field_path)
        else:
            adjustment.count += 1

    @property
    def adjustments(self) -> list[Adjustment]:
        """All adjustments, in the order in which each kind first occurred."""
        return list(self._adjustments.values())

    def raise_if_refused(self) -> None:
        """Raise `InvalidInput` if anything was refused."""
        if self.violations:
            raise InvalidInput(self.violations)
