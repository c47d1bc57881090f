"""Batches of writes: read and answered item by item, so that a bad one never spoils the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from matchcut.v1 import types_pb2 as types_pb

from ..errors import InvalidInput, Reason, Violation, catalog_not_found, quote
from ..insights.report import Adjustment, Report
from ..store.port import Catalog, Store, WriteOutcome
from . import fields, limits
from .answers import rejected, shortened, written

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Taken(Generic[T]):
    """An item that goes on to the store."""

    index: int
    item_id: str
    change: T
    adjustments: Sequence[Adjustment]


class Batch(Generic[T]):
    """A batch on its way: which items go on, and what has been said of the others.

    `unique_id`: the name of the field with an id that may occur once; empty if items may share theirs.
    """

    def __init__(self, unique_id: str = "") -> None:
        self._unique_id = unique_id
        self._seen: set[str] = set()
        self._taken: list[_Taken[T]] = []
        self._refused: list[types_pb.WriteResult] = []

    @property
    def changes(self) -> list[T]:
        """What the items that go on were read as, in order."""
        return [one.change for one in self._taken]

    def take(self, index: int, item_id: str, read: Callable[[Report], T]) -> None:
        """Read one item; what cannot be read is answered as rejected.

        `read` may find the id of the item and leave it in its report.
        """
        report = Report(item_id)
        try:
            self._check_unique(item_id)
            change = read(report)
            report.raise_if_refused()
        except InvalidInput as refusal:
            self._refused.append(rejected(index, report.item_id, refusal.violations))
        else:
            self._taken.append(_Taken(index, report.item_id, change, report.adjustments))

    def answer(self, outcomes: Sequence[WriteOutcome]) -> Sequence[types_pb.WriteResult]:
        """Answer for every item in order. `outcomes`: what became of those that went on."""
        results = [
            written(one.index, one.item_id, outcome, one.adjustments)
            for one, outcome in zip(self._taken, outcomes, strict=True)
        ]
        return shortened(sorted([*self._refused, *results], key=lambda result: result.index))

    def _check_unique(self, item_id: str) -> None:
        if not self._unique_id or not item_id:
            return
        if item_id in self._seen:
            message = f"{quote(item_id)} occurs earlier in this batch; send each id once"
            raise InvalidInput([Violation(self._unique_id, Reason.DUPLICATE_ID, message)])
        self._seen.add(item_id)


def batch_catalog(store: Store, name: str, field: str, items: Sequence[object]) -> Catalog:
    """Return the catalog that a batch goes into, after checking how many items it has. Raises `NotFound`."""
    report = Report()
    name = fields.catalog_name("catalog", name, report)
    fields.count(field, items, limits.MAX_BATCH, report)
    report.raise_if_refused()
    catalog = store.catalog(name)  # of this moment: another process may just have made it anew
    if catalog is None:
        raise catalog_not_found(name)
    return catalog
