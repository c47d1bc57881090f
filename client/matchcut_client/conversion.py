"""Between the dataclasses of this package and the messages of the contract, by the names of types and fields.

A dataclass is named as its message and has all its fields. What differs is how values look:

| message                                                   | dataclass                                       |
|-----------------------------------------------------------|-------------------------------------------------|
| a repeated field                                          | `tuple`                                         |
| a map                                                     | `dict`                                          |
| a message that is nothing but a list, as `InterestList`   | `tuple`                                         |
| a field that can be left out                              | None when it is                                 |
| an enum                                                   | `StrEnum` of its names without their prefix     |
| `google.protobuf.Timestamp`                               | `datetime` with a time zone                     |

Writing follows the message's descriptor, reading follows the dataclass's type hints; both are worked out once for each
type.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import cache
from types import GenericAlias, NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
T = TypeVar("T")

_PACKAGE = "matchcut.v1"
_TIMESTAMP = "google.protobuf.Timestamp"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCALARS: dict[int, type] = {
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_BYTES: bytes,
    FieldDescriptor.TYPE_DOUBLE: float,
    FieldDescriptor.TYPE_INT32: int,
    FieldDescriptor.TYPE_INT64: int,
    FieldDescriptor.TYPE_STRING: str,
}

_Write = Callable[[Any, Any], None]
"""Writes a value into a field of a message. Where None stands instead, the field is simply set."""
_Read = Callable[[Any], Any]
"""Reads a field of a message. Where None stands instead, the field is simply got."""


def to_request(request_type: type[M], /, **values: object) -> M:
    """Make a request of its fields; those that are None are left out.

    Raises TypeError or ValueError with the path of the field for what does not fit into a message.
    """
    request = request_type()
    writes = dict(_writes(request_type.DESCRIPTOR.full_name))
    try:
        for name, value in values.items():
            if value is not None:
                _put(request, name, writes[name], value)
    except _Misfit as misfit:
        raise misfit.located() from misfit
    return request


def to_message(message_type: type[M], value: object, where: str = "") -> M:
    """Make a message of the dataclass of its name. Raises as `to_request`, with paths that start at `where`."""
    message = message_type()
    try:
        _fill(message, value, message_type.DESCRIPTOR.name, _writes(message_type.DESCRIPTOR.full_name))
    except _Misfit as misfit:
        misfit.steps.append(where)
        raise misfit.located() from misfit
    return message


def from_message(value_type: type[T], message: Message) -> T:
    """Make a dataclass of the message of its name."""
    key: Any = value_type  # types are hashable, but mypy doubts it of type[T]
    return _value(value_type, _reads(key), message)


# --- writing ----------------------------------------------------------------------------------------------------------


class _Misfit(Exception):
    """A value that does not fit into its field; collects the way to the field on its way up."""

    def __init__(self, step: str, error: Exception) -> None:
        super().__init__(step)
        self.steps = [step]
        self.error = error

    def located(self) -> TypeError | ValueError:
        path = "".join(f"{'' if step.startswith('[') else '.'}{step}" for step in reversed(self.steps) if step)
        message = f"{path.removeprefix('.')}: {self.error}" if path else str(self.error)
        return TypeError(message) if isinstance(self.error, TypeError) else ValueError(message)


def _put(message: Any, name: str, write: _Write | None, value: Any) -> None:
    try:
        if write is None:
            setattr(message, name, value)
        else:
            write(message, value)
    except _Misfit as misfit:
        misfit.steps.append(name)
        raise
    except TypeError as error:
        # The message type speaks of "built-in operations"; what is of use is which type came where.
        raise _Misfit(name, error if write else TypeError(f"{type(value).__name__} is the wrong type")) from error
    except ValueError as error:
        raise _Misfit(name, error) from error


def _fill(message: Any, value: Any, type_name: str, writes: tuple[tuple[str, _Write | None], ...]) -> None:
    if type(value).__name__ != type_name:
        raise _Misfit("", TypeError(f"{type(value).__name__} where {type_name} is needed"))
    for name, write in writes:
        item = getattr(value, name)
        if item is not None:
            _put(message, name, write, item)


@cache
def _writes(message_name: str) -> tuple[tuple[str, _Write | None], ...]:
    descriptor: Descriptor = descriptor_pool.Default().FindMessageTypeByName(message_name)
    return tuple((field.name, _write(field)) for field in descriptor.fields)


def _write(field: FieldDescriptor) -> _Write | None:
    if field.is_repeated:
        if field.message_type is None:
            return _write_values(field.name)
        if field.message_type.GetOptions().map_entry:
            return _write_map(field.name, field.message_type)
        return _write_messages(field.name, field.message_type)
    if field.message_type is not None:
        return _write_part(field.name, field.message_type)
    return None if field.enum_type is None else _write_enum(field.name, field.enum_type)


def _write_part(name: str, descriptor: Descriptor) -> _Write:
    if descriptor.full_name == _TIMESTAMP:
        return _write_time(name)
    if _is_list(descriptor):
        return _write_list(name, descriptor)
    return _write_message(name, descriptor)


def _write_values(name: str) -> _Write:
    def write(message: Any, values: Any) -> None:
        if isinstance(values, str | bytes):
            # It would be taken apart into its characters.
            raise TypeError(f"{type(values).__name__} where a tuple is needed")
        try:
            getattr(message, name).extend(values)
        except TypeError as error:
            raise TypeError("not a tuple, or with an item of the wrong type") from error

    return write


def _write_messages(name: str, descriptor: Descriptor) -> _Write:
    type_name, full_name = descriptor.name, descriptor.full_name

    def write(message: Any, values: Any) -> None:
        items, writes = getattr(message, name), _writes(full_name)
        add = items.add
        try:
            for value in values:
                _fill(add(), value, type_name, writes)
        except _Misfit as misfit:
            misfit.steps.append(f"[{len(items) - 1}]")
            raise

    return write


def _write_message(name: str, descriptor: Descriptor) -> _Write:
    type_name, full_name = descriptor.name, descriptor.full_name

    def write(message: Any, value: Any) -> None:
        part = getattr(message, name)
        part.SetInParent()
        _fill(part, value, type_name, _writes(full_name))

    return write


def _write_list(name: str, descriptor: Descriptor) -> _Write:
    write_items = _write(descriptor.fields[0])
    assert write_items is not None

    def write(message: Any, values: Any) -> None:
        part = getattr(message, name)
        part.SetInParent()
        write_items(part, values)

    return write


def _write_map(name: str, entry: Descriptor) -> _Write:
    values_type = entry.fields_by_name["value"].message_type
    assert values_type is not None
    write_items = _write(values_type.fields[0])
    assert write_items is not None

    def write(message: Any, values: Any) -> None:
        if not isinstance(values, Mapping):
            raise TypeError(f"{type(values).__name__} where a dict is needed")
        entries = getattr(message, name)
        for key, items in values.items():
            try:
                write_items(entries[key], items)
            except (TypeError, ValueError) as error:
                raise _Misfit(f"[{key!r}]", error) from error

    return write


def _write_enum(name: str, descriptor: EnumDescriptor) -> _Write:
    prefix = _enum_prefix(descriptor)
    numbers = {value.name.removeprefix(prefix): value.number for value in descriptor.values}

    def write(message: Any, value: Any) -> None:
        if value not in numbers:
            raise ValueError(f"{value!r} is not one of {', '.join(numbers)}")
        setattr(message, name, numbers[value])

    return write


def _write_time(name: str) -> _Write:
    def write(message: Any, value: Any) -> None:
        if not isinstance(value, datetime):
            raise TypeError(f"{type(value).__name__} where datetime is needed")
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone; give it one, such as datetime.UTC")
        since = value - _EPOCH
        part = getattr(message, name)
        part.SetInParent()
        part.seconds, part.nanos = since.days * 86_400 + since.seconds, since.microseconds * 1_000

    return write


# --- reading ----------------------------------------------------------------------------------------------------------


def _value(value_type: type[T], reads: tuple[tuple[str, _Read | None], ...], message: Any) -> T:
    # Not by calling the class, whose checks are for what a caller makes: a newer server may set an alternative that
    # this client does not know.
    value = object.__new__(value_type)
    for name, read in reads:
        object.__setattr__(value, name, getattr(message, name) if read is None else read(message))
    return value


@cache
def _reads(value_type: type) -> tuple[tuple[str, _Read | None], ...]:
    descriptor: Descriptor = descriptor_pool.Default().FindMessageTypeByName(f"{_PACKAGE}.{value_type.__name__}")
    hints = get_type_hints(value_type)
    return tuple(
        (field.name, _read(descriptor.fields_by_name[field.name], hints[field.name])) for field in fields(value_type)
    )


def _read(field: FieldDescriptor, hint: Any) -> _Read | None:
    hint, can_be_none = _without_none(hint)
    if field.is_repeated:
        read = _read_repeated(field, hint)
    elif field.message_type is not None:
        read = _read_part(field, field.message_type, hint)
    elif field.enum_type is not None:
        read = _read_enum(field, field.enum_type, hint)
    else:
        _expect(field, hint, _SCALARS[field.type])
        read = None
    return _read_optional(field, read) if can_be_none else read


def _read_optional(field: FieldDescriptor, read: _Read | None) -> _Read:
    if not field.has_presence:
        raise TypeError(f"{field.full_name} is never left out, so it cannot be None")
    name = field.name
    if read is None:
        return lambda message: getattr(message, name) if message.HasField(name) else None
    return lambda message: read(message) if message.HasField(name) else None


def _read_repeated(field: FieldDescriptor, hint: Any) -> _Read:
    name, descriptor = field.name, field.message_type
    if descriptor is None:
        _expect(field, hint, _tuple_of(_SCALARS[field.type]))
        return lambda message: tuple(getattr(message, name))
    if descriptor.GetOptions().map_entry:
        _expect(field, hint, dict[str, tuple[str, ...]])
        return lambda message: {key: tuple(values.values) for key, values in getattr(message, name).items()}
    item_type = get_args(hint)[0]
    _expect(field, hint, _tuple_of(item_type))
    _expect(field, item_type.__name__, descriptor.name)
    reads = _reads(item_type)
    return lambda message: tuple([_value(item_type, reads, item) for item in getattr(message, name)])


def _read_part(field: FieldDescriptor, descriptor: Descriptor, hint: Any) -> _Read:
    name = field.name
    if descriptor.full_name == _TIMESTAMP:
        _expect(field, hint, datetime)
        return lambda message: _time(getattr(message, name))
    if _is_list(descriptor):
        read_items = _read_repeated(descriptor.fields[0], hint)
        return lambda message: read_items(getattr(message, name))
    _expect(field, hint.__name__, descriptor.name)
    reads = _reads(hint)
    return lambda message: _value(hint, reads, getattr(message, name))


def _read_enum(field: FieldDescriptor, descriptor: EnumDescriptor, hint: Any) -> _Read:
    name = field.name
    _expect(field, hint.__name__, descriptor.name)
    prefix = _enum_prefix(descriptor)
    members = {value.number: hint(value.name.removeprefix(prefix)) for value in descriptor.values}
    # A newer server may know more values than this client.
    unknown = members[0]
    return lambda message: members.get(getattr(message, name), unknown)


def _time(timestamp: Any) -> datetime:
    return _EPOCH + timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanos // 1_000)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) is not UnionType:
        return hint, False
    (present,) = (part for part in get_args(hint) if part is not NoneType)
    return present, True


def _tuple_of(item_type: Any) -> Any:
    return GenericAlias(tuple, (item_type, ...))


def _expect(field: FieldDescriptor, hint: Any, wanted: Any) -> None:
    if hint != wanted:
        raise TypeError(f"{field.full_name} is read as {wanted}, not as {hint}")


# --- descriptors ------------------------------------------------------------------------------------------------------


def _is_list(descriptor: Descriptor) -> bool:
    """Tell whether a message is nothing but a list, made only to tell an empty one from one that is left out."""
    return len(descriptor.fields) == 1 and descriptor.fields[0].is_repeated


def _enum_prefix(descriptor: EnumDescriptor) -> str:
    """Return what all names of an enum begin with: that of the value 0 without `UNSPECIFIED`."""
    return descriptor.values_by_number[0].name.removesuffix("UNSPECIFIED")
