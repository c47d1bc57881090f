"""`freshness`: the first search after a write, which has to see it."""

from collections.abc import Iterator

from msgspec.structs import replace

from matchcut_server.index.port import Hit, Index
from matchcut_server.vectors.profile import Profile

from .engine import LIMIT, built_index
from .measure import Row, Scale, duration, median, p99, ratio, timed
from .search import declared_profiles
from .synthetic import NOW, indexed_videos


def run(scale: Scale) -> Iterator[Row]:
    """Measure a change of one video in memory, and the search that follows."""
    for size in scale.served:
        index = built_index(size)[0]
        asked = declared_profiles(index.view(), scale.writes)
        written, first, second = [], [], []
        # Each of the first videos gets the keywords of one of the last.
        old, new = indexed_videos(size, 0, scale.writes), indexed_videos(size, size - scale.writes)
        changes = [replace(to, facts=was.facts) for was, to in zip(old, new, strict=True)]
        for number, (profile, video) in enumerate(zip(asked, changes, strict=True), start=1):
            written.append(timed(index.apply, [video], size + number)[0])
            first.append(timed(_search_newest, index, profile)[0])
            second.append(timed(_search_newest, index, profile)[0])
        yield Row("first search after a write", size, duration(median(first)), duration(p99(first)))
        beside = ratio(median(second) / median(first), "the first")
        yield Row("  the same search again", size, duration(median(second)), duration(p99(second)), beside)
        yield Row("the write, into the index only", size, duration(median(written)), duration(p99(written)))


def _search_newest(index: Index, profile: Profile) -> list[Hit]:
    return index.view().search(profile, LIMIT, NOW)
