"""Placements: moments in videos where promotions fit."""

import struct
import time
from collections.abc import Iterable, Sequence
from itertools import islice

import grpc

from matchcut.v1 import search_service_pb2 as search_pb
from matchcut.v1 import targeting_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import video_not_found
from ..index.port import View
from ..insights.limits import check_id
from ..insights.report import Report
from ..ranking.explanation import MAX_MATCHED
from ..store.port import Catalog
from ..targeting.fitting import DEFAULT_CONTEXT_SECONDS
from ..targeting.placements import Placement, Placer, Wanted
from ..targeting.promotion import Promotion, missing_seeds
from ..targeting.screens import Document, VideoScreen, lay_out
from ..targeting.telling import Teller
from ..vectors.video import facts_of
from . import fields, limits
from .answers import matched_keyword_message, metadata_message
from .asking import Asking
from .deadline import Deadline
from .moments import add_source
from .promotions import read_promotions, read_request_rules
from .token import page_digest

_PAGE = struct.Struct("<Id")
"""What a page token holds: how many placements were given, and when it was at the first page, in Unix seconds."""


class PlacementMethods(Asking):
    """See `targeting_service.proto`."""

    def MatchPlacements(
        self, request: pb.MatchPlacementsRequest, context: grpc.ServicerContext
    ) -> pb.MatchPlacementsResponse:
        """See `MatchPlacements` in the contract."""
        report = Report()
        wanted = _read_wanted(request, limits.MAX_PROMOTIONS, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        name, min_revision = _read_where(request, report)
        report.raise_if_refused()
        catalog, view = self._see(name, min_revision, context)
        digest = page_digest("MatchPlacements", request, str(catalog.catalog_id))
        given, now = self._given(digest, request.page_token)
        placer = Placer(wanted, self._store, catalog, view, Deadline(context).check)
        placements = islice(placer.over_videos(now), limits.MAX_PLACEMENTS)
        page = list(islice(placements, given, given + size))
        response = pb.MatchPlacementsResponse(
            missing_ids=self._missing(catalog, wanted.promotions), index_revision=view.revision
        )
        # Before anything that is not of the page is thrown away.
        rest = sum(1 for _ in placements) if request.include_total else sum(1 for _ in islice(placements, 1))
        if request.include_total:
            response.total_count = given + len(page) + rest
        teller = Teller(placer.promoted, view, catalog.settings, wanted.context_seconds)
        budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
        told: dict[str, types_pb.Video] = {}
        for placement in page:
            message = placement_message(placement, wanted, teller, explain=request.explain)
            video = _metadata(view, placement.video, told) if request.include_metadata else None
            budget -= message.ByteSize() + 8 + (0 if video is None else video.ByteSize() + 8)
            if budget < 0 and response.placements:
                break
            response.placements.append(message)
            if video is not None:
                told[video.video_id] = video
        response.videos.extend(told[video_id] for video_id in sorted(told))
        response.next_page_token = self._next(digest, given, len(response.placements), len(page) + rest, now)
        return response

    def MatchPromotions(
        self, request: pb.MatchPromotionsRequest, context: grpc.ServicerContext
    ) -> pb.MatchPromotionsResponse:
        """See `MatchPromotions` in the contract."""
        report = Report()
        check_id("video_id", request.video_id, report)
        slots = _read_slots(request.slot_seconds, report)
        wanted = _read_wanted(request, limits.MAX_PROMOTIONS_OF_VIDEO, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        name, min_revision = _read_where(request, report)
        report.raise_if_refused()
        catalog, view = self._see(name, min_revision, context)
        digest = page_digest("MatchPromotions", request, str(catalog.catalog_id))
        given, now = self._given(digest, request.page_token)
        placer = Placer(wanted, self._store, catalog, view, Deadline(context).check)
        stored = self._store.video(catalog.catalog_id, request.video_id)
        if stored is None:
            raise video_not_found(catalog.name, request.video_id)
        own = Document(request.video_id, stored.video.duration, stored.video.keyword_sets)
        (video,) = lay_out([own], view, catalog.settings)
        facts = facts_of(stored.video, stored.revision)
        placements = sorted(placer.in_video(video, facts, slots), key=lambda one: one.fit.slot)
        page = placements[given : given + size]
        response = pb.MatchPromotionsResponse(
            missing_ids=self._missing(catalog, wanted.promotions), index_revision=view.revision
        )
        if request.include_total:
            response.total_count = len(placements)
        # The moment of a slot that was asked for is the whole stretch.
        teller = Teller(placer.promoted, view, catalog.settings, 0.0 if slots else wanted.context_seconds)
        budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
        for placement in page:
            message = placement_message(placement, wanted, teller, explain=request.explain)
            budget -= message.ByteSize() + 8
            if budget < 0 and response.placements:
                break
            response.placements.append(message)
        response.next_page_token = self._next(digest, given, len(response.placements), len(placements) - given, now)
        return response

    def _given(self, digest: bytes, token: str) -> tuple[int, float]:
        """Return how many placements earlier pages gave, and what time it was at the first one."""
        if not token:
            return 0, time.time()
        given, now = _PAGE.unpack(self._tokens.open(digest, token))
        return given, now

    def _next(self, digest: bytes, given: int, sent: int, left: int, now: float) -> str:
        """Return the token of the next page; empty if all that was left has been sent."""
        return self._tokens.seal(digest, _PAGE.pack(given + sent, now)) if sent < left else ""

    def _missing(self, catalog: Catalog, promotions: Sequence[Promotion]) -> list[str]:
        named = {seed.video_id for promotion in promotions for seed in promotion.seeds}
        known = frozenset(video_id for video_id in named if self._follower.has_video(catalog, video_id))
        return missing_seeds(promotions, known)[: limits.MAX_MISSING]


def _read_where(request: pb.MatchPlacementsRequest | pb.MatchPromotionsRequest, report: Report) -> tuple[str, int]:
    """Read the catalog, and the revision to wait for."""
    min_revision = fields.revision("min_revision", request.min_revision, report)
    return fields.catalog_name("catalog", request.catalog, report), min_revision


def _read_wanted(
    request: pb.MatchPlacementsRequest | pb.MatchPromotionsRequest, most_promotions: int, report: Report
) -> Wanted:
    """Read what the two methods have in common."""
    promotions = read_promotions("promotions", request.promotions, most_promotions, report)
    rules = read_request_rules(request.rules, report)
    context = request.context_seconds if request.HasField("context_seconds") else DEFAULT_CONTEXT_SECONDS
    fields.number("context_seconds", context, 0, limits.MAX_CONTEXT_SECONDS, report)
    return Wanted(promotions, rules, context, fields.number("min_score", request.min_score, 0, 1, report))


def _read_slots(slots: Sequence[float], report: Report) -> list[float]:
    seen: set[float] = set()
    if fields.count("slot_seconds", slots, limits.MAX_SLOTS, report, least=0):
        for i, slot in enumerate(slots):
            fields.finite(f"slot_seconds[{i}]", slot, 0, report)
            if slot in seen:
                report.refuse(f"slot_seconds[{i}]", f"{slot} occurs earlier in this request; give each slot once")
            seen.add(slot)
    return list(slots)


def placement_message(placement: Placement, wanted: Wanted, teller: Teller, *, explain: bool) -> pb.Placement:
    """Write a placement."""
    told, fit = teller.tell(placement), placement.fit
    moment = search_pb.Moment(
        video_id=placement.video.video_id,
        span=types_pb.TimeSpan(start_seconds=fit.start, end_seconds=fit.end),
        score=fit.score,
        language=fit.language,
        keywords=[one.keyword for one in told.matched[:MAX_MATCHED]],
        matched_keywords=map(matched_keyword_message, told.matched if explain else ()),
    )
    add_source(moment, told.source)
    return pb.Placement(
        promotion_id=wanted.promotions[placement.number].promotion_id, slot_seconds=fit.slot, moment=moment
    )


def _metadata(view: View, video: VideoScreen, told: Iterable[str]) -> types_pb.Video | None:
    """Return what is known of a video; None if that has been told, or the video is gone."""
    facts = None if video.video_id in told else view.facts(video.video_id)
    return None if facts is None else metadata_message(facts)
