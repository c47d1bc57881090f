"""Videos and profiles as lists of tokens, for what searches text: the columns of `weighted.py`, as numbers."""

from collections.abc import Iterator

from benchmarks.catalog import Catalog
from benchmarks.vocabulary import vocabulary
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.weighting import BLOCKS

from .weighted import column_ids


def tokens_of_videos(videos: Catalog) -> Iterator[list[int]]:
    """Yield the tokens of each video, those of its phrases first."""
    phrases, words = (videos.blocks[block] for block in BLOCKS)
    offset = len(vocabulary().names["phrases"])
    for number in range(len(videos)):
        of_phrases = phrases.terms[phrases.starts[number] : phrases.starts[number + 1]]
        of_words = words.terms[words.starts[number] : words.starts[number + 1]] + offset
        yield of_phrases.tolist() + of_words.tolist()


def tokens_of_profile(profile: Profile) -> list[int]:
    """Return the tokens of a profile."""
    return [column_ids()[block][term] for block in BLOCKS for term in getattr(profile, block)]
