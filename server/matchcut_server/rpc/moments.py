"""Moments: where keywords are on screen."""

import time
from collections.abc import Iterable

import grpc
import msgspec

from matchcut.v1 import search_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb

from ..errors import Reason
from ..index.port import View
from ..insights.report import Report
from ..search.conditions import AskedMoments
from ..search.finding import Moment, MomentOrder, MomentQuery, Place, search_moments
from ..search.keywords import KeywordCount
from ..search.suggestions import Suggestion, suggest
from ..search.telling import Source
from . import fields, limits
from .answers import matched_keyword_message, metadata_message
from .asking import Asking, read_asked_keywords
from .deadline import Deadline
from .requests import read_filter
from .token import page_digest

_OVERHEAD = 8
"""Bytes that a message takes beside its own, in a list, at most."""

_decode_place = msgspec.msgpack.Decoder(Place).decode


class MomentMethods(Asking):
    """See `search_service.proto`."""

    def SearchMoments(
        self, request: pb.SearchMomentsRequest, context: grpc.ServicerContext
    ) -> pb.SearchMomentsResponse:
        """See `SearchMoments` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        query = _read_query(request, report)
        fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog, view = self._see(name, request.min_revision, context)
        digest = page_digest("SearchMoments", request, str(catalog.catalog_id))
        if request.page_token:
            query = query._replace(after=_decode_place(self._tokens.open(digest, request.page_token)))
        check = Deadline(context).check
        page = search_moments(query, self._store, catalog, view, check)
        response = pb.SearchMomentsResponse(total_count=page.total, index_revision=view.revision)
        if not page.moments and not request.page_token and page.last is None:
            suggestions = suggest(page.conditions.missing, self._store, catalog, view, check)
            response.suggestions.extend(map(suggestion_message, suggestions))
        sent = _fill(response, page.moments, view, with_metadata=request.include_metadata)
        last = page.last if sent == len(page.moments) else page.moments[sent - 1].place
        if last is not None:
            response.next_page_token = self._tokens.seal(digest, msgspec.msgpack.encode(last))
        return response


def suggestion_message(suggestion: Suggestion) -> pb.KeywordSuggestion:
    """Write what an asked keyword may have been meant to be."""
    return pb.KeywordSuggestion(
        asked_keyword=suggestion.asked_keyword,
        nearest_keywords=map(keyword_count_message, suggestion.nearest),
    )


def keyword_count_message(count: KeywordCount) -> pb.KeywordCount:
    """Write a keyword of the catalog with its number of keyword sets."""
    return pb.KeywordCount(keyword=count.keyword, language=count.language, keyword_set_count=count.keyword_set_count)


def _read_query(request: pb.SearchMomentsRequest, report: Report) -> MomentQuery:
    within = request.within_seconds if request.HasField("within_seconds") else None
    if within is not None:
        fields.number("within_seconds", within, 0, limits.MAX_WINDOW_SECONDS, report)
    return MomentQuery(
        _read_asked(request, report)._replace(within_seconds=within),
        fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report),
        read_filter("filter", request.filter, report),
        time.time() if request.published_only else None,
        fields.finite("min_score", request.min_score, 0, report),
        _read_order("order", request.order, report),
        fields.limit("max_moments_per_video", request.max_moments_per_video, report),
        request.include_near_duplicates,
        request.explain,
        request.include_total,
    )


def _read_asked(request: pb.SearchMomentsRequest, report: Report) -> AskedMoments:
    count = len(request.all_of) + len(request.any_of) + len(request.none_of)
    if count > limits.MAX_ASKED_KEYWORDS:
        most = limits.MAX_ASKED_KEYWORDS
        message = f"{count} keywords in all_of, any_of and none_of; at most {most} are allowed together: ask for fewer"
        report.refuse("all_of", message, Reason.TOO_LARGE)
        return AskedMoments()
    if not request.all_of and not request.any_of:
        report.refuse("all_of", "a keyword in all_of or any_of is required", Reason.REQUIRED)
    return AskedMoments(
        tuple(read_asked_keywords("all_of", request.all_of, count, report)),
        tuple(read_asked_keywords("any_of", request.any_of, count, report)),
        tuple(read_asked_keywords("none_of", request.none_of, count, report)),
    )


def _read_order(field: str, value: int, report: Report) -> MomentOrder:
    names = pb.MomentOrder.DESCRIPTOR.values_by_number
    if value not in names:
        report.refuse(field, f"{value} is no order of moments; give one of {', '.join(MomentOrder)}")
        return MomentOrder.SCORE
    name = names[value].name.removeprefix("MOMENT_ORDER_")
    return MomentOrder.SCORE if name == "UNSPECIFIED" else MomentOrder(name)


def _fill(response: pb.SearchMomentsResponse, moments: Iterable[Moment], view: View, *, with_metadata: bool) -> int:
    """Put moments into an answer, at least one and no more than fit into it; return how many."""
    budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
    videos: dict[str, types_pb.Video] = {}
    for moment in moments:
        message = moment_message(moment)
        budget -= message.ByteSize() + _OVERHEAD
        facts = view.facts(moment.video_id) if with_metadata and moment.video_id not in videos else None
        video = None if facts is None else metadata_message(facts)
        budget -= 0 if video is None else video.ByteSize() + _OVERHEAD
        if budget < 0 and response.moments:
            break
        response.moments.append(message)
        if video is not None:
            videos[moment.video_id] = video
    response.videos.extend(videos[video_id] for video_id in sorted(videos))
    return len(response.moments)


def moment_message(moment: Moment) -> pb.Moment:
    """Write a moment."""
    found, told = moment.found, moment.told
    message = pb.Moment(
        video_id=moment.video_id,
        span=types_pb.TimeSpan(start_seconds=found.start, end_seconds=found.end),
        score=found.score,
        language=moment.language,
        keywords=told.keywords,
        matched_keywords=map(matched_keyword_message, told.matched),
    )
    add_source(message, told.source)
    return message


def add_source(message: pb.Moment, source: Source | None) -> None:
    """Write where a moment comes from, as far as it is known."""
    if source is not None:
        message.source_video_id = source.video_id
        if source.start is not None and source.end is not None:
            message.source_start_seconds = source.start
            message.source_end_seconds = source.end
