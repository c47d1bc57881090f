"""Lines of a users file."""

import pytest

from matchcut_server.errors import InvalidInput
from matchcut_server.evaluation.user import User, Watched, read_user


def test_a_line_is_a_user() -> None:
    line = b'{"user": "u", "history": [{"id": "a", "time": 5, "weight": 0.5}, {"id": "b"}], "held_out": ["c"]}'
    user = read_user(line)
    assert user == User("u", (Watched("a", 5.0, 0.5), Watched("b")), ("c",))
    assert user.latest == 5.0


def test_times_may_be_written_as_text() -> None:
    line = b'{"user": "u", "history": [{"id": "a", "time": "1970-01-01T01:00:00+01:00"}, {"id": "b", "time": -9.5}], '
    user = read_user(line + b'"held_out": []}')
    assert [one.moment for one in user.history] == [0.0, -9.5]
    assert user.latest == 0.0


def test_times_may_be_unknown() -> None:
    assert read_user(b'{"user": "u", "history": [{"id": "a"}], "held_out": []}').latest is None


@pytest.mark.parametrize(
    "line, told",
    [
        (b"nonsense", "write {"),
        (b'{"user": "u", "history": []}', "missing required field `held_out`"),
        (b'{"user": "u", "history": [{"id": "a", "wieght": 2}], "held_out": []}', "unknown field `wieght`"),
        (b'{"user": "u", "history": [{"id": "a", "weight": 1e9}], "held_out": []}', "history[0].weight: "),
        (b'{"user": "u", "history": [{"id": "a", "time": 1e300}], "held_out": []}', "history[0].time: "),
        (b'{"user": "u", "history": [{"id": "a", "time": "2024-01-01T00:00:00"}], "held_out": []}', "time"),
        (b'{"user": "u", "history": [{"time": 1}], "held_out": []}', "$.history[0]"),
        (b'{"user": "\xff", "history": [], "held_out": []}', "write {"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_the_field(line: bytes, told: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_user(line)
    assert told in str(refusal.value)
