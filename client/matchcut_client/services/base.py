"""What the methods of all services share: the client's defaults, one call, and batches of writes."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from google.protobuf.message import Message

from matchcut_client.batches import MAX_ITEMS, Batch, split
from matchcut_client.connection import Connection, Rpc, Stubs
from matchcut_client.conversion import to_message
from matchcut_client.types import WriteResponse, WriteResult, WriteStatus

ItemT = TypeVar("ItemT", bound=Message | str)
M = TypeVar("M", bound=Message)
Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)
T = TypeVar("T")
V = TypeVar("V")
W = TypeVar("W", bound=WriteResponse)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What counts where a call says nothing else."""

    catalog: str
    timeout: float
    """Seconds."""
    import_timeout: float
    """Seconds; for batches of writes."""
    read_your_writes: bool


class ServiceMethods:
    """Base of the methods of a service."""

    def __init__(self, connection: Connection, defaults: Defaults) -> None:
        self._connection = connection
        self._defaults = defaults

    @property
    def stubs(self) -> Stubs:
        """The generated stubs, as `client.stubs.video.GetVideo`; with several channels those of the next channel.

        What is called through them is not told the client's defaults, and gRPC's errors come as they are.
        """
        return self._connection.stubs

    @property
    def revision(self) -> int:
        """The highest revision seen in any answer; 0 before the first."""
        return self._connection.revision

    def _call(self, rpc: Rpc[Q, A], request: Q, answer_type: type[T], timeout: float | None) -> T:
        return self._connection.call(rpc, request, answer_type, self._defaults.timeout if timeout is None else timeout)

    def _long_call(self, rpc: Rpc[Q, A], request: Q, answer_type: type[T], timeout: float | None) -> T:
        return self._call(rpc, request, answer_type, self._defaults.import_timeout if timeout is None else timeout)

    def _catalog(self, catalog: str | None) -> str:
        return self._defaults.catalog if catalog is None else catalog

    def _min_revision(self, min_revision: int | None) -> int:
        if min_revision is not None:
            return min_revision
        return self.revision if self._defaults.read_your_writes else 0

    def _write(
        self,
        items: Iterable[ItemT],
        send: Callable[[list[ItemT]], W],
        answer_type: type[W],
        *,
        id_field: str = "",
        unique: bool = False,
        max_items: int = MAX_ITEMS,
    ) -> Iterator[W]:
        """Send items in batches and yield the answers, with indexes counted over the whole input.

        `id_field` holds the id of an item that is not itself one. Ids are `unique` if the server refuses those that
        occur twice.
        """

        def id_of(item: ItemT) -> str:
            return item if isinstance(item, str) else str(getattr(item, id_field))

        for batch in split(items, id_of, max_items=max_items, unique=id_field if unique else ""):
            answer = send(batch.items) if batch.items else answer_type(revision=self.revision)
            yield replace(answer, results=_placed(batch, answer.results))

    def _write_all(self, answer_type: type[W], answers: Iterable[W]) -> W:
        """Put answers together into one."""
        results: list[WriteResult] = []
        revision = 0
        for answer in answers:
            results += answer.results
            revision = max(revision, answer.revision)
        return answer_type(results=tuple(results), revision=revision or self.revision)


def messages(message_type: type[M], values: Iterable[object]) -> Iterator[M]:
    """Make messages of dataclasses; raises TypeError or ValueError with the position of what does not fit."""
    for index, value in enumerate(as_items(values)):
        yield to_message(message_type, value, f"[{index}]")


def as_items(values: Iterable[V]) -> Iterable[V]:
    """Return `values`, or raise TypeError for one string, which would be taken apart into its characters."""
    if isinstance(values, str | bytes):
        raise TypeError(f"{type(values).__name__} where several items are needed")
    return values


def each(value_type: Callable[[str], V], values: Iterable[V | str]) -> tuple[V, ...]:
    """Return `values` with each plain string made a value that has nothing but this text."""
    return tuple([value_type(value) if isinstance(value, str) else value for value in as_items(values)])


def strings(values: Iterable[str]) -> tuple[str, ...]:
    """Return several strings as a tuple."""
    return tuple(as_items(values))


def _placed(batch: Batch[Any], results: Iterable[WriteResult]) -> tuple[WriteResult, ...]:
    refused = [WriteResult(it.index, it.id, WriteStatus.REJECTED, (it.error,)) for it in batch.refusals]
    answered = [replace(result, index=batch.indexes[result.index]) for result in results]
    return tuple(sorted([*refused, *answered], key=lambda result: result.index))
