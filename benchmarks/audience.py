"""`audience`: the users that a promotion suits best, among all profiles of a catalog, beside scipy's product."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from matchcut_server.index.planner import Kernel
from matchcut_server.index.port import View
from matchcut_server.index.terms import find_keys
from matchcut_server.profiles.model import Declared, ProfileSettings, StoredProfile
from matchcut_server.store.port import Catalog
from matchcut_server.store.profile_port import FollowedProfile
from matchcut_server.targeting.generation import AudienceGeneration, BuildOrigin, build
from matchcut_server.targeting.index import AudienceIndex, AudienceView, Wanted
from matchcut_server.vectors.profile import Interest, Profile, make_profile
from matchcut_server.vectors.settings import CatalogSettings

from .cache import cached, fingerprint
from .drawing import SEED, draw_keywords, draw_topics
from .engine import GENERATION_SOURCES, open_index
from .measure import Row, Scale, duration, median, p99_text, ratio, timed
from .vocabulary import LANGUAGE, vocabulary

LIMIT = 1_000
EVERYONE = 100_000
"""That can be paged through."""
KEYWORDS = 10
"""Of a promotion."""
TOPICS = 4
"""Of a user; a promotion is about one."""

_SOURCES = tuple(f"targeting/{name}.py" for name in ("cells", "generation", "segment"))
_AT_ONCE = 10_000
_KERNELS: tuple[Kernel | None, ...] = (None, "plain")
_CATALOG = Catalog(1, "default", CatalogSettings(), 1)


class _Way(NamedTuple):
    """A way to find users."""

    what: str
    find: Callable[[Profile], object]
    every: int = 1
    """Asked only every so many times."""


def run(scale: Scale) -> Iterator[Row]:
    """Measure audiences of promotions of 10 keywords among users of 30 interests each."""
    videos = open_index(scale.served[-1])
    promotions = [make_profile(own, [LANGUAGE], videos.knows, CatalogSettings()) for own in _promotions(scale.queries)]
    for users in scale.audiences:
        yield from _matched(users, scale, videos, promotions)


def _matched(users: int, scale: Scale, videos: View, promotions: Sequence[Profile]) -> Iterator[Row]:
    base = _opened(scale.served[-1], users)
    view, plain = (
        AudienceIndex(CatalogSettings(), ProfileSettings(), base, kernel).view(videos, 0) for kernel in _KERNELS
    )
    product = _Product(base)
    base.warm()
    _check(view, product, promotions[0])
    ways = (
        _Way(f"best {LIMIT:,} of {users:,} users", lambda profile: view.match(profile, Wanted(LIMIT))),
        _Way("  plain accumulator", lambda profile: plain.match(profile, Wanted(LIMIT)), 4),
        _Way("  scipy's product, then a partition", lambda profile: product.best(profile, LIMIT), 10),
        _Way(f"  the best {EVERYONE:,}, as for pages", lambda profile: view.match(profile, Wanted(EVERYONE)), 10),
        _Way("  all who match, counted", lambda profile: view.count(profile, Wanted(LIMIT)), 10),
    )
    took: list[list[float]] = [[] for _ in ways]
    for number, profile in enumerate([*promotions] * scale.rounds):
        for way, seconds in zip(ways, took, strict=True):
            if number % way.every == 0:
                seconds.append(timed(way.find, profile)[0])
    for way, seconds in zip(ways, took, strict=True):
        beside = "" if way is ways[0] else ratio(median(seconds) / median(took[0]), "Matchcut")
        yield Row(way.what, None, duration(median(seconds)), p99_text(seconds), beside)


class _Product:
    """scipy's product of the same unit vectors with a promotion's."""

    def __init__(self, base: AudienceGeneration) -> None:
        self._base = base
        self._keys = base.segments[0].keys
        shape = (len(base.segments[0]), len(self._keys))
        rows = base.segments[0].rows
        self._matrix = sp.csr_matrix((np.array(rows.frequencies), np.array(rows.terms), np.array(rows.starts)), shape)

    def scores(self, profile: Profile) -> NDArray[np.float32]:
        """Return the score of every user."""
        weighted = AudienceView([], self._base.table, 0).query(profile)
        ids = find_keys(self._keys, weighted.keys)
        asked = np.zeros(len(self._keys), dtype=np.float32)
        asked[ids[ids >= 0]] = weighted.weights[ids >= 0]
        scores: NDArray[np.float32] = self._matrix @ asked
        return scores

    def best(self, profile: Profile, count: int) -> object:
        """Return the rows of the highest scores, in order."""
        scores = self.scores(profile)
        rows = np.argpartition(-scores, min(count, len(scores) - 1))[:count]
        return rows[np.argsort(-scores[rows])]


def _check(view: AudienceView, product: _Product, profile: Profile) -> None:
    """Make sure that both find the same scores."""
    ours = view.match(profile, Wanted(LIMIT)).scores
    theirs = np.sort(product.scores(profile))[::-1][: len(ours)]
    if not np.allclose(ours, theirs, rtol=0, atol=1e-5):
        raise AssertionError("Matchcut and scipy find different scores")


def _opened(videos: int, users: int) -> AudienceGeneration:
    """Return the file of the profiles of so many users, weighed by a catalog."""
    made_by = ("audience.py", "vocabulary.py", "drawing.py", "catalog.py", "synthetic.py")
    version = fingerprint(*made_by, *GENERATION_SOURCES, *_SOURCES)
    return AudienceGeneration(cached(f"audience-{users}", version, lambda path: _build(videos, users, path)))


def _build(videos: int, users: int, path: Path) -> None:
    catalog = open_index(videos)
    build(_users(users), _CATALOG, BuildOrigin(bytes(16), users, catalog.table(), videos), path)


def _users(count: int) -> Iterator[list[FollowedProfile]]:
    """Yield users of 30 interests of weights from 0.2 to 1, about four topics each."""
    texts = vocabulary().texts
    for start in range(0, count, _AT_ONCE):
        random = np.random.default_rng([SEED, 7, start])
        size = min(_AT_ONCE, count - start)
        keywords = draw_keywords(random, draw_topics(random, size, TOPICS))
        weights = np.round(random.uniform(0.2, 1.0, keywords.shape), 2)
        yield [
            _user(number, [Interest(texts[one], weight, LANGUAGE) for one, weight in zip(own, of_own, strict=True)])
            for number, (own, of_own) in enumerate(zip(keywords.tolist(), weights.tolist(), strict=True), start + 1)
        ]


def _user(number: int, interests: Sequence[Interest]) -> FollowedProfile:
    declared = Declared(tuple(interests), targeting_allowed=True)
    return FollowedProfile(number, number, StoredProfile(f"user{number:07d}", declared, 0, None, number, number))


def _promotions(count: int) -> list[list[Interest]]:
    """Return promotions of keywords about one topic each."""
    random = np.random.default_rng([SEED, 8])
    keywords = draw_keywords(random, draw_topics(random, count, 1))[:, :KEYWORDS]
    texts = vocabulary().texts
    return [[Interest(texts[one], 1.0, LANGUAGE) for one in own] for own in keywords.tolist()]
