"""Values for every type of the client, by its hints and the contract's descriptors."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import import_module
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import Descriptor
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

MODULES = ("types", "catalogs", "videos", "profiles", "recommendations", "scenarios", "search", "targeting")

TYPES: dict[str, Any] = {
    name: value
    for module in MODULES
    for name, value in vars(import_module(f"matchcut_client.{module}")).items()
    if isinstance(value, type) and value.__module__ == f"matchcut_client.{module}"
}
"""Dataclasses and enums of the client, by name."""

DATACLASSES: dict[str, Any] = {
    name: value for name, value in TYPES.items() if is_dataclass(value) and name != "WriteResponse"
}
ENUMS: dict[str, type[StrEnum]] = {name: value for name, value in TYPES.items() if not is_dataclass(value)}


def descriptor(name: str) -> Descriptor:
    """Return the message of the contract with this name."""
    found: Descriptor = descriptor_pool.Default().FindMessageTypeByName(f"matchcut.v1.{name}")
    return found


def values(hint: Any) -> SearchStrategy[Any]:  # noqa: PLR0911 - one for each kind of hint
    """Make values of a type that a message can hold."""
    if get_origin(hint) is UnionType:
        (present,) = (part for part in get_args(hint) if part is not NoneType)
        return st.none() | values(present)
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) is dict:
        return st.dictionaries(st.text(max_size=5), values(get_args(hint)[1]), max_size=3)
    if is_dataclass(hint):
        return objects(hint)
    if hint is datetime:
        return st.datetimes(timezones=st.just(UTC))
    if issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if hint is int:
        return st.integers(-(2**31), 2**31 - 1)
    if hint is float:
        return st.floats(allow_nan=False)
    return {str: st.text(max_size=5), bool: st.booleans(), bytes: st.binary(max_size=5)}[hint]


@st.composite
def objects(draw: st.DrawFn, value_type: Any) -> Any:
    """Make dataclasses; of alternatives one is set."""
    hints = get_type_hints(value_type)
    chosen: dict[str, Any] = {}
    for oneof in descriptor(value_type.__name__).oneofs:
        alternatives = [field.name for field in oneof.fields]
        if len(alternatives) > 1:  # others only say that a field is optional
            one = draw(st.sampled_from(alternatives))
            (present,) = (part for part in get_args(hints[one]) if part is not NoneType)
            chosen |= {**dict.fromkeys(alternatives), one: draw(values(present))}
    return value_type(
        **{
            field.name: chosen[field.name] if field.name in chosen else draw(values(hints[field.name]))
            for field in fields(value_type)
        }
    )
