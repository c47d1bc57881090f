"""What users have watched, and what they watched later, which a good ranking finds."""

import math
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ..errors import InvalidInput, Reason, Violation
from ..insights.timespan import FIRST_MOMENT, LAST_MOMENT

MAX_WEIGHT = 1_000.0


class Watched(Struct, frozen=True, forbid_unknown_fields=True):
    """A video that a user has watched."""

    id: str
    time: float | Annotated[datetime, Meta(tz=True)] | None = None
    """Unix seconds, or text as in RFC 3339; None if it is not known."""
    weight: float = 1.0
    """How much it counts; negative pushes away."""

    @property
    def moment(self) -> float | None:
        """When it was, in Unix seconds."""
        return self.time.timestamp() if isinstance(self.time, datetime) else self.time


class User(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a users file."""

    user: str
    history: tuple[Watched, ...]
    held_out: tuple[str, ...]
    """Ids of the videos that are to be found."""

    @property
    def latest(self) -> float | None:
        """The latest time of the history, in Unix seconds; None if no time is known."""
        return max((one.moment for one in self.history if one.moment is not None), default=None)


_DECODER = msgspec.json.Decoder(User)


def read_user(content: bytes) -> User:
    """Read a line of a users file. Raises `InvalidInput`."""
    try:
        user = _DECODER.decode(content)
    except ValueError as error:  # a msgspec error is one, and so is that of bytes that are not UTF-8
        shape = '{"user": "an id", "history": [{"id": "a video", "time": 0, "weight": 1}], "held_out": ["a video"]}'
        raise InvalidInput([Violation("", Reason.MALFORMED_JSON, f"{error}; write {shape}")]) from None
    violations = []
    for i, watched in enumerate(user.history):
        if not math.isfinite(watched.weight) or abs(watched.weight) > MAX_WEIGHT:
            message = f"{watched.weight} is not a number from {-MAX_WEIGHT:g} to {MAX_WEIGHT:g}; correct it"
            violations.append(Violation(f"history[{i}].weight", Reason.INVALID_VALUE, message))
        moment = watched.moment
        if moment is not None and not FIRST_MOMENT <= moment <= LAST_MOMENT:
            message = f"{moment} is not a time of the years 1 to 9999 in Unix seconds; correct it"
            violations.append(Violation(f"history[{i}].time", Reason.INVALID_VALUE, message))
    if violations:
        raise InvalidInput(violations)
    return user
