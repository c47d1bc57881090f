"""Audiences: the users that promotions suit."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import grpc

from matchcut.v1 import targeting_service_pb2 as pb

from ..errors import InvalidInput, Reason, Violation
from ..index.arrays import Float64s, Int64s
from ..index.follower import Follower
from ..insights.report import Report
from ..store.port import Store
from ..store.profile_port import FollowedProfile
from ..targeting.audience import AudienceQuery, FrequencyCap, Prepared, prepare, wanted
from ..targeting.audience_pages import ID_BYTES, About, AudiencePages
from ..targeting.audiences import Audiences
from ..targeting.index import AudienceView
from ..targeting.matched_interests import InterestExplainer, MatchedInterest
from . import fields, limits
from .asking import Asking, Seen
from .deadline import Deadline, wait_seconds
from .profile_requests import read_profile_filter
from .promotions import read_promotion, read_promotion_id
from .requests import read_ids
from .token import PageTokens, page_digest

_PLACE_BYTES = 4
_FIELD_BYTES = 8
"""What a member takes of an answer beside what it holds, at most."""
_AT_ONCE = 200
"""Users that are looked up at a time."""


class _Ask(NamedTuple):
    """A request, read."""

    query: AudienceQuery
    size: int
    explain: bool
    include_total: bool


class _Audience(NamedTuple):
    """Who is in an audience, from some place on."""

    profile_ids: Int64s
    scores: Float64s
    revision: int
    """As of which they are in it."""
    user_id: Callable[[int], str] | None
    """Returns the id of a user, by place; None: to be looked up, as some may have left."""


class _Call(NamedTuple):
    """What all steps of a call need."""

    ask: _Ask
    seen: Seen
    prepared: Prepared
    deadline: Deadline
    wait: float


class AudienceMethods(Asking):
    """See `targeting_service.proto`."""

    def __init__(
        self, store: Store, follower: Follower, tokens: PageTokens, audiences: Audiences, pages: AudiencePages
    ) -> None:
        super().__init__(store, follower, tokens)
        self._audiences = audiences
        self._pages = pages

    def MatchAudience(
        self, request: pb.MatchAudienceRequest, context: grpc.ServicerContext
    ) -> pb.MatchAudienceResponse:
        """See `MatchAudience` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        ask = _read(request, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        deadline = Deadline(context)
        seen = self._see(name, min_revision, context)
        digest = page_digest("MatchAudience", request, str(seen.catalog.catalog_id))
        prepared = prepare(ask.query, self._store, seen.catalog, seen.view)
        call = _Call(ask, seen, prepared, deadline, wait_seconds(context))
        response = pb.MatchAudienceResponse(missing_ids=prepared.missing_ids[: limits.MAX_MISSING])
        if request.page_token:
            own, place, members = self._later_page(call, self._tokens.open(digest, request.page_token), response)
        else:
            own, place, members = self._first_page(call, response)
        if place < members:
            response.next_page_token = self._tokens.seal(digest, own + place.to_bytes(_PLACE_BYTES, "big"))
        return response

    def _first_page(self, call: _Call, response: pb.MatchAudienceResponse) -> tuple[bytes, int, int]:
        """Fill the answer; return what finds the rest, where that begins, and how many there are to page through."""
        ask, prepared = call.ask, call.prepared
        view = self._audience(call)
        asked = wanted(ask.query, prepared, self._store, call.seen.catalog, ask.size, time.time())
        found = view.match(prepared.profile.mixture, asked)
        response.index_revision = view.revision
        if ask.include_total:
            response.total_count = view.count(prepared.profile.mixture, asked)
        audience = _Audience(found.profile_ids, found.scores, view.revision, found.user_id)
        sent = self._fill(call, response, audience, view if ask.explain else None)
        if sent == len(found) < ask.size:
            return b"", sent, sent
        call.deadline.check()
        everyone = view.match(prepared.profile.mixture, asked._replace(limit=limits.MAX_AUDIENCE))
        if sent == len(everyone):
            return b"", sent, sent
        total = response.total_count if ask.include_total else -1
        about = About(view.revision, total, len(everyone))
        return self._pages.keep(about, everyone.profile_ids, everyone.scores), sent, len(everyone)

    def _later_page(self, call: _Call, payload: bytes, response: pb.MatchAudienceResponse) -> tuple[bytes, int, int]:
        """Do as `_first_page` does, with what that has kept."""
        own, place = payload[:ID_BYTES], int.from_bytes(payload[ID_BYTES:], "big")
        view = self._audience(call) if call.ask.explain else None
        while True:
            kept = self._pages.find(own, place, call.ask.size - len(response.members))
            if kept is None:
                message = "the audience of this page token is not kept any more; begin anew with the first page"
                raise InvalidInput([Violation("page_token", Reason.INVALID_PAGE_TOKEN, message)])
            audience = _Audience(kept.profile_ids, kept.scores, kept.about.revision, None)
            sent = self._fill(call, response, audience, view)
            place += sent
            if not len(kept.scores) or sent < len(kept.scores) or len(response.members) == call.ask.size:
                break
        response.index_revision = kept.about.revision
        if call.ask.include_total:
            response.total_count = kept.about.total
        return own, place, kept.about.members

    def _audience(self, call: _Call) -> AudienceView:
        return self._audiences.view(call.seen.catalog, call.seen.view, call.wait, call.deadline.check)

    def _fill(
        self, call: _Call, response: pb.MatchAudienceResponse, audience: _Audience, view: AudienceView | None
    ) -> int:
        """Add members as far as they fit, with explanations if there is a view for them; return how far that is."""
        explainer = None
        if view is not None:
            explainer = InterestExplainer(
                self._store,
                call.seen.catalog,
                call.seen.view,
                view.weighing,
                call.ask.query.promotion,
                call.prepared.profile,
            )
        budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
        for place, member in enumerate(self._members(call, audience, explainer)):
            if member is not None:
                budget -= member.ByteSize() + _FIELD_BYTES
                if response.members and (budget < 0 or call.deadline.is_near()):
                    return place
                response.members.append(member)
        return len(audience.scores)

    def _members(
        self, call: _Call, audience: _Audience, explainer: InterestExplainer | None
    ) -> Iterator[pb.AudienceMember | None]:
        """Yield the users; None for those who have left since."""
        for start in range(0, len(audience.scores), _AT_ONCE):
            call.deadline.check()
            numbers = audience.profile_ids[start : start + _AT_ONCE].tolist()
            scores = audience.scores[start : start + _AT_ONCE].tolist()
            stored: dict[int, FollowedProfile] = {}
            if audience.user_id is None or explainer is not None:
                stored = self._stored(call, numbers, with_events=explainer is not None)
            for i, (number, score) in enumerate(zip(numbers, scores, strict=True)):
                one = stored.get(number)
                if audience.user_id is None:
                    user_id = _still_there(one, audience.revision)
                else:
                    user_id = audience.user_id(start + i)
                if user_id is None:
                    yield None
                    continue
                member = pb.AudienceMember(user_id=user_id, score=score)
                if explainer is not None and one is not None and one.revision <= audience.revision:
                    member.matched_interests.extend(map(_interest, explainer.explain(one, score)))
                yield member

    def _stored(self, call: _Call, numbers: list[int], *, with_events: bool) -> dict[int, FollowedProfile]:
        found = self._store.profiles.followed(call.seen.catalog.catalog_id, numbers, with_events=with_events)
        return {one.profile_id: one for some in found for one in some}


def _still_there(one: FollowedProfile | None, revision: int) -> str | None:
    """Return the id of a user who has been there since a revision and may still be found; None for others."""
    if one is None or one.profile is None or one.profile.birth > revision:
        return None
    return one.profile.user_id if one.profile.declared.targeting_allowed else None


def _interest(matched: MatchedInterest) -> pb.MatchedInterest:
    return pb.MatchedInterest(
        interest=matched.interest,
        keywords=matched.keywords,
        share=matched.share,
        idf=matched.idf,
        derived=matched.is_derived,
    )


def _read(request: pb.MatchAudienceRequest, report: Report) -> _Ask:
    promotion = read_promotion("promotion", request.promotion, report)
    caps: list[FrequencyCap] = []
    if fields.count("frequency_caps", request.frequency_caps, limits.MAX_FREQUENCY_CAPS, report, least=0):
        caps = [
            _read_cap(f"frequency_caps[{i}]", message, promotion.promotion_id, report)
            for i, message in enumerate(request.frequency_caps)
        ]
    return _Ask(
        AudienceQuery(
            promotion,
            read_profile_filter("filter", request.filter, report),
            fields.number("min_score", request.min_score, 0, 1, report),
            tuple(read_ids("exclude_ids", request.exclude_ids, limits.MAX_EXCLUDED, report)),
            tuple(caps),
        ),
        fields.page_size(
            "page_size", request.page_size, limits.DEFAULT_AUDIENCE_PAGE, limits.MAX_AUDIENCE_PAGE, report
        ),
        request.explain,
        request.include_total,
    )


def _read_cap(field: str, message: pb.FrequencyCap, own: str, report: Report) -> FrequencyCap:
    """Read a limit on impressions. `own`: the id of the promotion of the request."""
    promotion_id = read_promotion_id(f"{field}.promotion_id", message.promotion_id, report) or own
    if not promotion_id:
        text = "neither this nor the promotion of the request has an id; name the promotion whose impressions count"
        report.refuse(f"{field}.promotion_id", text, Reason.REQUIRED)
    days = fields.number(f"{field}.days", message.days, 0, limits.MAX_CAP_DAYS, report)
    if days == 0:
        report.refuse(f"{field}.days", "the days that count are required; give a number above 0", Reason.REQUIRED)
    if message.max_impressions < 0:
        text = f"{message.max_impressions} is negative; give 1 or more, or 0 for 1"
        report.refuse(f"{field}.max_impressions", text)
    return FrequencyCap(promotion_id, days, message.max_impressions or 1)
