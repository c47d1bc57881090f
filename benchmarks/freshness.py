"""`freshness`: the first search after a write, which has to see it."""

from collections.abc import Iterator

from msgspec.structs import replace

from .measure import Row, Scale, duration, median, p99, ratio, timed
from .recommend import built_index, read_profiles, search_newest
from .synthetic import indexed_videos


def run(scale: Scale) -> Iterator[Row]:
    """Measure a change of one video in memory, and the search that follows."""
    for size in scale.sizes:
        index = built_index(size)[0]
        asked = read_profiles(index.view(), scale.writes)
        written, first, second = [], [], []
        # Each of the first videos gets the keywords of one of the last.
        old, new = indexed_videos(size, 0, scale.writes), indexed_videos(size, size - scale.writes)
        changes = [replace(to, facts=was.facts) for was, to in zip(old, new, strict=True)]
        for number, (profile, video) in enumerate(zip(asked, changes, strict=True), start=1):
            written.append(timed(index.apply, [video], size + number)[0])
            first.append(timed(search_newest, index, profile)[0])
            second.append(timed(search_newest, index, profile)[0])
        yield Row("first search after a write", size, duration(median(first)), duration(p99(first)))
        beside = ratio(median(second) / median(first), "the first")
        yield Row("  the same search again", size, duration(median(second)), duration(p99(second)), beside)
        yield Row("the write, into the index only", size, duration(median(written)), duration(p99(written)))
