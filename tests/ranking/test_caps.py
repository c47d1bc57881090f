from collections import Counter
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from matchcut_server.ranking.caps import Caps
from matchcut_server.ranking.settings import AttributeCap
from tests.ranking.unit_vectors import ATTRIBUTES

Attributes = Mapping[str, Sequence[str]]


def walk(caps: Caps, videos: Sequence[Attributes]) -> list[Attributes]:
    """Go along some videos and take those that are allowed."""
    taken = []
    for attributes in videos:
        if caps.allows(attributes):
            caps.add(attributes)
            taken.append(attributes)
    return taken


def test_of_each_value_so_many_come_and_no_more() -> None:
    videos: list[Attributes] = [{"series": ("a",), "n": (str(number),)} for number in range(4)]
    other: list[Attributes] = [{"series": ("b",)}, {}, {"genre": ("a",)}]
    assert walk(Caps([AttributeCap("series", 2)]), [*videos, *other]) == [*videos[:2], *other]


def test_a_video_with_several_values_counts_for_each() -> None:
    both: Attributes = {"series": ("a", "b")}
    only: list[Attributes] = [{"series": ("b",)}, {"series": ("a",)}, {"series": ("c",)}]
    assert walk(Caps([AttributeCap("series", 1)]), [both, *only]) == [both, only[2]]
    assert walk(Caps([AttributeCap("series", 1)]), [only[0], both, only[1]]) == [only[0], only[1]]


def test_all_caps_hold() -> None:
    videos: list[Attributes] = [
        {"series": ("a",), "genre": ("x",)},
        {"series": ("b",), "genre": ("x",)},
        {"series": ("c",), "genre": ("x",)},
        {"series": ("a",), "genre": ("y",)},
    ]
    assert walk(Caps([AttributeCap("series", 1), AttributeCap("genre", 2)]), videos) == videos[:2]


def test_what_comes_in_any_case_counts_too() -> None:
    caps = Caps([AttributeCap("series", 1)])
    for _ in range(3):
        caps.add({"series": ("a",)})
    assert not caps.allows({"series": ("a",)})
    assert caps.allows({"series": ("b",)})


@given(
    videos=st.lists(ATTRIBUTES, max_size=12),
    limits=st.dictionaries(st.sampled_from(["series", "genre", "country"]), st.integers(1, 3)),
)
def test_no_value_comes_too_often_and_nothing_is_left_out_without_need(
    videos: list[Attributes], limits: dict[str, int]
) -> None:
    taken = walk(Caps([AttributeCap(name, most) for name, most in limits.items()]), videos)
    counts = Counter((name, value) for own in taken for name, values in own.items() for value in values)
    assert all(count <= limits[name] for (name, _), count in counts.items() if name in limits)
    for own in videos:
        if all(one is not own for one in taken):
            assert any(counts[name, value] == limits[name] for name in limits for value in own.get(name, ()))
    if not limits:
        assert taken == videos
