"""Batches: input of any length, split into requests that the server takes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from google.protobuf.message import Message

from matchcut_client.types import ErrorReason, FieldError

MAX_ITEM_BYTES = 30 * 2**20
"""The largest item that is sent; a server takes requests of 32 MiB, unless it is told otherwise."""
MAX_ITEMS = 1_000
"""The most items in a request that the contract allows."""
UPLOAD_ITEMS = 200
"""The most videos or documents in a request: more are no faster, and take longer to repeat."""
BATCH_BYTES = 4 * 2**20
"""From this size on a request takes no further item."""

ItemT = TypeVar("ItemT", bound=Message | str)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item that is not sent."""

    index: int
    id: str
    error: FieldError


@dataclass(slots=True)
class Batch(Generic[ItemT]):
    """What one request carries, and the items among them that it leaves out."""

    items: list[ItemT] = field(default_factory=list)
    indexes: list[int] = field(default_factory=list)
    """Positions of the items in the whole input."""
    refusals: list[Refusal] = field(default_factory=list)
    size: int = 0
    """Bytes of the items."""


def split(
    items: Iterable[ItemT], id_of: Callable[[ItemT], str], *, max_items: int = MAX_ITEMS, unique: str = ""
) -> Iterator[Batch[ItemT]]:
    """Split items into batches, as they come: nothing is read ahead but one batch.

    An item that is too large for any request is refused here, so that it does not spoil others. With `unique`, the name
    of the field with the id, an id that was in an earlier batch is refused too, as the server does within a request.
    """
    batch: Batch[ItemT] = Batch()
    sent: set[str] = set()
    for index, item in enumerate(items):
        item_id, size = id_of(item), _size(item)
        full = len(batch.items) + len(batch.refusals) >= max_items or batch.size + size > BATCH_BYTES
        if full and (batch.items or batch.refusals):
            if unique:
                sent.update(map(id_of, batch.items))
            yield batch
            batch = Batch()
        if size > MAX_ITEM_BYTES:
            message = f"{size} bytes; at most {MAX_ITEM_BYTES} can be sent: leave out what is not needed"
            batch.refusals.append(Refusal(index, item_id, FieldError("", ErrorReason.TOO_LARGE, message)))
        elif item_id and item_id in sent:
            message = f"{item_id!r} occurs twice; send each id once"
            batch.refusals.append(Refusal(index, item_id, FieldError(unique, ErrorReason.DUPLICATE_ID, message)))
        else:
            batch.items.append(item)
            batch.indexes.append(index)
            batch.size += size
    if batch.items or batch.refusals:
        yield batch


def _size(item: Message | str) -> int:
    return len(item.encode(errors="replace")) if isinstance(item, str) else item.ByteSize()
