"""What is worked out for segments is kept as long as they are there."""

import gc
import weakref

from matchcut_server.index.columns import FactColumns
from matchcut_server.ranking.memo import Memo
from matchcut_server.vectors.video import VideoFacts


def segment() -> FactColumns:
    return FactColumns([VideoFacts("v")])


class Value:
    """Something that can be seen to go."""


def test_values_are_kept_by_segment_and_key() -> None:
    memo: Memo[int, str] = Memo(2)
    one, other = segment(), segment()
    assert memo.put(one, 1, "a") == "a"
    memo.put(one, 2, "b")

    assert (memo.get(one, 1), memo.get(one, 2), memo.get(one, 3), memo.get(other, 1)) == ("a", "b", None, None)


def test_those_asked_for_last_are_kept() -> None:
    memo: Memo[int, str] = Memo(2)
    one = segment()
    memo.put(one, 1, "a")
    memo.put(one, 2, "b")
    memo.get(one, 1)
    memo.put(one, 3, "c")

    assert (memo.get(one, 1), memo.get(one, 2), memo.get(one, 3)) == ("a", None, "c")


def test_what_is_kept_of_a_segment_goes_with_it() -> None:
    memo: Memo[int, Value] = Memo(2)
    one = segment()
    value = weakref.ref(memo.put(one, 1, Value()))
    assert value() is not None

    del one
    gc.collect()

    assert value() is None
