"""Pages of what newly matches standing interests."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, msgpack
from xxhash import xxh3_64_digest

from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import FailedPrecondition, NotFound, Reason, quote
from ..index.follower import Follower
from ..index.port import Hit, View
from ..insights.limits import check_id
from ..insights.report import Report
from ..store.port import Catalog, Store
from ..targeting.standing import Matcher, Revisions, StandingInterest
from ..targeting.standing_terms import KnownTerms
from . import fields, limits
from .answers import metadata_message
from .deadline import Deadline
from .moments import moment_message
from .placements import placement_message
from .standing_requests import read_stored
from .token import PageTokens, page_digest

_READ_AT_ONCE = 50
"""Standing interests, or matches whose moments are looked for, at a time."""

_OVERHEAD = 8
"""Bytes that a message takes in an answer beside its own."""

_MAX_HASHES = 4_000
"""So that a token stays small."""
_HASH_BYTES = 8


class _Given(Struct, frozen=True, array_like=True):
    """The matches of one standing interest that earlier pages have given."""

    count: int = 0
    hashes: bytes = b""
    """Of their videos, as long as they are few: whatever a write does to scores, no other match is lost."""
    last: tuple[float, str] = (0.0, "")
    """Of many: score and video of the last one."""

    def limit(self, more: int) -> int | None:
        """Return how many of the best matches are enough to find so many more among them; None: all of them."""
        return self.count + more if len(self.hashes) == self.count * _HASH_BYTES else None

    def others(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return those of some matches that are left to give."""
        if not self.count:
            return list(hits)
        if not self.hashes:
            score, video_id = self.last
            return [hit for hit in hits if (-hit.score, hit.video_id) > (-score, video_id)]
        known = {self.hashes[at : at + _HASH_BYTES] for at in range(0, len(self.hashes), _HASH_BYTES)}
        return [hit for hit in hits if _hash(hit) not in known]

    def with_more(self, hits: Sequence[Hit]) -> "_Given":
        """Return what is given with some more."""
        if not hits:
            return self
        count = self.count + len(hits)
        hashes = self.hashes + b"".join(map(_hash, hits)) if count <= _MAX_HASHES else b""
        return _Given(count, hashes, (hits[-1].score, hits[-1].video_id))


_NONE_GIVEN = _Given()


def _hash(hit: Hit) -> bytes:
    return xxh3_64_digest(hit.video_id.encode())


class _Reached(Struct, frozen=True, array_like=True):
    """How far the pages have come."""

    until: int
    """The revision up to which all of them look."""
    standing_interest_id: str = ""
    """The first one that is left."""
    given: _Given = _NONE_GIVEN
    """What has been given of it."""
    total: int | None = None

    def at(self, standing: StandingInterest) -> _Given:
        """Return what has been given of a standing interest that is left."""
        return self.given if standing.standing_interest_id == self.standing_interest_id else _NONE_GIVEN


class _Ask(Struct, frozen=True):
    """A request, read."""

    catalog: str
    ids: Sequence[str]
    """Ascending; none: all of the catalog."""
    since: int
    most: int
    """Matches of a standing interest; 0: all."""
    moments: int
    size: int
    min_revision: int

    def left(self, given: _Given, wanted: int) -> int:
        """Return how many more matches of a standing interest to give, of so many that are wanted."""
        return min(wanted, max(self.most - given.count, 0)) if self.most else wanted


class MatchPages:
    """See `ListMatches` in the contract."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens, terms: KnownTerms) -> None:
        self._store = store
        self._follower = follower
        self._tokens = tokens
        self._terms = terms

    def answer(self, request: pb.ListMatchesRequest, deadline: Deadline, wait: float) -> pb.ListMatchesResponse:
        """Answer a request. `wait`: how many seconds it may wait for a revision."""
        ask = _read(request)
        catalog = self._follower.catalog(ask.catalog, ask.min_revision)
        digest = page_digest("ListMatches", request, str(catalog.catalog_id))
        token = self._tokens.open(digest, request.page_token) if request.page_token else b""
        reached = msgpack.decode(token, type=_Reached) if token else None
        self._check_since(ask.since)
        view = self._follower.view(catalog, max(ask.min_revision, ask.since, reached.until if reached else 0), wait)
        if reached is None:
            self._check_known(ask, catalog)
            reached = _Reached(view.revision)
        matcher = Matcher(self._store, catalog, view, Revisions(ask.since, reached.until), deadline.check)
        ids = self._candidates(ask, catalog, view, matcher, deadline)
        if request.include_total and reached.total is None:
            total = 0
            for standing in self._standing(catalog, ids, matcher):
                deadline.check()
                total += len(matcher.matches(standing, ask.most or None))
            reached = _Reached(reached.until, total=total)
        left = ids[bisect_left(ids, reached.standing_interest_id) :]
        page = _Page(request, ask, view, reached)
        for place, standing in enumerate(self._standing(catalog, left, matcher)):
            deadline.check()
            given = reached.at(standing)
            if place and deadline.is_near():
                page.end(standing, given)
                break
            wanted = ask.left(given, page.room + 1)
            found = given.others(matcher.matches(standing, given.limit(wanted)))[:wanted] if wanted else []
            sent = page.add(standing, found[: page.room], matcher)
            if sent < len(found):
                page.end(standing, given.with_more(found[:sent]))
                break
        return page.finished(lambda reached: self._tokens.seal(digest, msgpack.encode(reached)))

    def _candidates(
        self, ask: _Ask, catalog: Catalog, view: View, matcher: Matcher, deadline: Deadline
    ) -> Sequence[str]:
        """Return the ids, ascending, of those standing interests that may have matches."""
        if ask.ids:
            return ask.ids
        terms = self._terms.of(catalog, view.languages, deadline.check)
        return terms.candidates(matcher.keys, matcher.revisions.since)

    def _standing(self, catalog: Catalog, ids: Sequence[str], matcher: Matcher) -> Iterator[StandingInterest]:
        """Yield those of some standing interests that are there and belong to the revisions that are looked at."""
        for start in range(0, len(ids), _READ_AT_ONCE):
            for stored in self._store.standing.find(catalog.catalog_id, ids[start : start + _READ_AT_ONCE]):
                if stored.revision <= matcher.revisions.until:
                    yield read_stored(stored)

    def _check_since(self, since: int) -> None:
        newest = self._store.revision()
        if since > newest:
            message = f"since_revision {since} is beyond the newest revision {newest}: it comes from another store"
            metadata = {"since_revision": str(since), "revision": str(newest)}
            raise FailedPrecondition(Reason.REVISION_AHEAD, message, metadata=metadata)

    def _check_known(self, ask: _Ask, catalog: Catalog) -> None:
        for start in range(0, len(ask.ids), _READ_AT_ONCE):
            some = ask.ids[start : start + _READ_AT_ONCE]
            known = {one.standing_interest_id for one in self._store.standing.find(catalog.catalog_id, some)}
            for one in some:
                if one not in known:
                    message = f"there is no standing interest {quote(one)} in catalog '{ask.catalog}'; check the id"
                    metadata = {"catalog": ask.catalog, "standing_interest_id": one}
                    raise NotFound(Reason.STANDING_INTEREST_NOT_FOUND, message, metadata=metadata)


class _Page:
    """An answer as it is filled."""

    def __init__(self, request: pb.ListMatchesRequest, ask: _Ask, view: View, reached: _Reached) -> None:
        self._request = request
        self._ask = ask
        self._view = view
        self._reached = reached
        self._end: _Reached | None = None
        self._videos: dict[str, types_pb.Video] = {}
        self._answer = pb.ListMatchesResponse(
            until_revision=reached.until, index_revision=view.revision, total_count=reached.total
        )
        self._budget = limits.MAX_ANSWER_BYTES - self._answer.ByteSize()

    @property
    def room(self) -> int:
        """How many matches it takes yet."""
        return self._ask.size - len(self._answer.matches)

    def add(self, standing: StandingInterest, hits: Sequence[Hit], matcher: Matcher) -> int:
        """Add matches of a standing interest, no more than fit into the answer but one at least; return how many."""
        for start in range(0, len(hits), _READ_AT_ONCE):
            some = hits[start : start + _READ_AT_ONCE]
            moments = self._moments(standing, some, matcher)
            for place, hit in enumerate(some):
                message = pb.StandingMatch(
                    standing_interest_id=standing.standing_interest_id,
                    video_id=hit.video_id,
                    score=hit.score,
                    moments=moments.get(hit.video_id, ()),
                    revision=matcher.revision(standing, hit),
                )
                if not self._take(message):
                    return start + place
        return len(hits)

    def _moments(
        self, standing: StandingInterest, hits: Sequence[Hit], matcher: Matcher
    ) -> dict[str, list[search_pb.Moment]]:
        """Write the best moments of some matches, by video."""
        most, explain = self._ask.moments, self._request.explain
        if not most:
            return {}
        if standing.promotion is not None:
            found, wanted, teller = matcher.placements(standing, hits, most)
            return {
                video_id: [placement_message(one, wanted, teller, explain=explain).moment for one in own]
                for video_id, own in found.items()
            }
        messages: dict[str, list[search_pb.Moment]] = {}
        for moment in matcher.moments(standing, hits, most, explain=explain):
            messages.setdefault(moment.video_id, []).append(moment_message(moment))
        return messages

    def end(self, standing: StandingInterest, given: _Given) -> None:
        """End the page; what follows begins with a standing interest of which some has been given."""
        self._end = _Reached(self._reached.until, standing.standing_interest_id, given, self._reached.total)

    def finished(self, seal: Callable[[_Reached], str]) -> pb.ListMatchesResponse:
        """Return the answer. `seal`: makes a token."""
        self._answer.videos.extend(self._videos[video_id] for video_id in sorted(self._videos))
        if self._end is not None:
            self._answer.next_page_token = seal(self._end)
        return self._answer

    def _take(self, message: pb.StandingMatch) -> bool:
        video = None
        if self._request.include_metadata and message.video_id not in self._videos:
            facts = self._view.facts(message.video_id)
            video = None if facts is None else metadata_message(facts)
        own = 0 if video is None else video.ByteSize() + _OVERHEAD
        if not self._answer.matches:
            while message.moments and message.ByteSize() + own + _OVERHEAD > self._budget:
                del message.moments[-1]
        size = message.ByteSize() + own + _OVERHEAD
        if self._answer.matches and size > self._budget:
            return False
        self._budget -= size
        self._answer.matches.append(message)
        if video is not None:
            self._videos[message.video_id] = video
        return True


def _read(request: pb.ListMatchesRequest) -> _Ask:
    report = Report()
    name = fields.catalog_name("catalog", request.catalog, report)
    ids = request.standing_interest_ids
    if fields.count("standing_interest_ids", ids, limits.MAX_BATCH, report, least=0):
        seen: set[str] = set()
        for i, one in enumerate(ids):
            check_id(f"standing_interest_ids[{i}]", one, report)
            if one in seen:
                message = f"{quote(one)} occurs earlier in this request; give each id once"
                report.refuse(f"standing_interest_ids[{i}]", message, Reason.DUPLICATE_ID)
            seen.add(one)
    if request.since_revision < 0:
        message = f"{request.since_revision} is negative; give until_revision of an answer, or 0 for all that matches"
        report.refuse("since_revision", message)
    moments = request.max_moments_per_match if request.HasField("max_moments_per_match") else limits.DEFAULT_MOMENTS
    ask = _Ask(
        name,
        sorted(ids),
        request.since_revision,
        fields.limit("max_matches_per_standing_interest", request.max_matches_per_standing_interest, report),
        int(fields.number("max_moments_per_match", moments, 0, limits.MAX_MOMENTS_OF_MATCH, report)),
        fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report),
        fields.revision("min_revision", request.min_revision, report),
    )
    report.raise_if_refused()
    return ask
