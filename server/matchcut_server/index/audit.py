"""The audit: whether a generation holds what the store holds."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from msgspec.structs import asdict

from ..vectors.video import IndexedVideo, Removal
from .generation import Generation, GenerationSegment


def differences(
    generation: Generation,
    videos: Iterable[Sequence[IndexedVideo]],
    changed: Callable[[], Iterable[Sequence[IndexedVideo | Removal]]],
) -> Iterator[str]:
    """Tell what is different in a generation.

    `videos`: those of the store that have not changed since its revision. `changed`: tells which have changed or are
    gone; asked last, because what is written meanwhile is not among the videos.
    """
    met = [np.zeros(len(segment), dtype=np.bool_) for segment in generation.segments]
    for some in videos:
        for video in some:
            place = generation.place(video.facts.video_id)
            if place is None:
                yield f"video {video.facts.video_id} is missing"
                continue
            segment, position = generation.segments[place[0]], place[1]
            met[place[0]][position] = True
            if asdict(segment.facts(position)) != asdict(video.facts):
                yield f"video {video.facts.video_id} has other metadata"
            if not _same_vectors(generation, segment, position, video):
                yield f"video {video.facts.video_id} has other keywords"
    for changes in changed():
        for change in changes:
            place = generation.place(change.video_id if isinstance(change, Removal) else change.facts.video_id)
            if place is not None:
                met[place[0]][place[1]] = True
    extra = sum(int(np.count_nonzero(~one)) for one in met)
    if extra:
        yield f"{extra} videos are not in the store"


def _same_vectors(generation: Generation, segment: GenerationSegment, position: int, video: IndexedVideo) -> bool:
    vectors = [vector for vector in video.vectors if not vector.is_empty]
    rows = range(segment.first_rows[position], segment.first_rows[position + 1])
    return len(rows) == len(vectors) and all(
        segment.language(row) == vector.language
        and np.array_equal(
            generation.keys[segment.rows.terms[segment.rows.starts[row] : segment.rows.starts[row + 1]]],
            np.concatenate((vector.phrases.keys, vector.words.keys)),
        )
        and np.array_equal(
            segment.rows.frequencies[segment.rows.starts[row] : segment.rows.starts[row + 1]],
            np.concatenate((vector.phrases.frequencies, vector.words.frequencies)),
        )
        for row, vector in zip(rows, vectors, strict=True)
    )
