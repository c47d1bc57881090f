"""`RecommendationService`."""

import base64
import os
import time
from collections.abc import MutableSequence

import grpc
import msgspec
from msgspec import Struct

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceServicer

from ..errors import InvalidInput, NotImplementedYet, Reason, Violation
from ..index.filter import Filter
from ..index.follower import Follower
from ..insights.report import Report
from ..ranking.recommender import Page, Query, Recommender
from ..store.port import Catalog
from . import fields, limits
from .answers import field_errors, recommendation_message
from .deadline import Deadline, wait_seconds
from .requests import read_filter, read_ids, read_interests
from .token import PageTokens, request_digest


class _Options(Struct, frozen=True):
    """`RecommendationOptions`, read."""

    allowed: Filter | None
    excluded: frozenset[str]
    min_score: float
    explain: bool
    with_metadata: bool
    min_revision: int


class RecommendationServicer(RecommendationServiceServicer):
    """See `recommendation_service.proto`."""

    def __init__(self, recommender: Recommender, follower: Follower, tokens: PageTokens) -> None:
        self._recommender = recommender
        self._follower = follower
        self._tokens = tokens

    def RecommendVideos(
        self, request: pb.RecommendVideosRequest, context: grpc.ServicerContext
    ) -> pb.RecommendVideosResponse:
        """See `RecommendVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        _refuse_user(request.user_id)
        interests = read_interests("interests.interests", request.interests.interests, report)
        options = _read_options(request.options, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, options.min_revision)
        digest = _digest(catalog, request)
        given = self._tokens.open(digest, request.page_token) if request.page_token else b""
        view = self._follower.view(catalog, options.min_revision, wait_seconds(context))
        query = Query(
            interests,
            size,
            options.allowed,
            options.excluded,
            options.min_score,
            options.explain,
            options.with_metadata,
            given,
        )
        page = self._recommender.recommend(catalog, view, query)
        response = pb.RecommendVideosResponse(
            recommendation_id=_recommendation_id(view.revision),
            missing_ids=self._recommender.missing_ids(catalog, request.options.exclude_ids)[: limits.MAX_MISSING],
            index_revision=view.revision,
            fallback=pb.FALLBACK_NONE,
        )
        sent = _fill(response.recommendations, page, limits.MAX_ANSWER_BYTES - response.ByteSize())
        if page.has_more or sent < len(page.recommended):
            response.next_page_token = self._tokens.seal(digest, page.given(given, sent))
        return response

    def BatchRecommendVideos(
        self, request: pb.BatchRecommendVideosRequest, context: grpc.ServicerContext
    ) -> pb.BatchRecommendVideosResponse:
        """See `BatchRecommendVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        fields.count("profiles", request.profiles, limits.MAX_BATCH, report)
        options = _read_options(request.options, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, options.min_revision)
        view = self._follower.view(catalog, options.min_revision, wait_seconds(context))
        response = pb.BatchRecommendVideosResponse(index_revision=view.revision)
        budget = limits.MAX_ANSWER_BYTES
        deadline = Deadline(context)
        common = self._recommender.missing_ids(catalog, request.options.exclude_ids)
        for index, profile in enumerate(request.profiles):
            deadline.check()
            result = pb.BatchRecommendation(index=index)
            try:
                result.key = _read_key(profile.key)
                query = _read_profile(profile, options, size)
            except InvalidInput as refusal:
                result.field_errors.extend(field_errors(refusal.violations))
            else:
                page = self._recommender.recommend(catalog, view, query)
                own = self._recommender.missing_ids(catalog, profile.exclude_ids)
                result.missing_ids.extend(list(dict.fromkeys((*common, *own)))[: limits.MAX_MISSING])
                result.recommendation_id = _recommendation_id(view.revision)
                result.fallback = pb.FALLBACK_NONE
                _fill(result.recommendations, page, limits.MAX_ANSWER_BYTES - result.ByteSize())
            budget -= result.ByteSize()
            if response.results and (budget < 0 or deadline.is_near()):
                break
            response.results.append(result)
        return response

    def RecommendSimilarVideos(
        self, request: pb.RecommendSimilarVideosRequest, context: grpc.ServicerContext
    ) -> pb.RecommendSimilarVideosResponse:
        """See `RecommendSimilarVideos` in the contract."""
        raise NotImplementedYet("RecommendSimilarVideos is not served yet; use RecommendVideos with interests")


def _read_options(message: pb.RecommendationOptions, report: Report) -> _Options:
    if message.scenario or message.HasField("ranking"):
        raise NotImplementedYet("options.scenario and options.ranking are not served yet; leave them out")
    return _Options(
        read_filter("options.filter", message.filter, report),
        frozenset(read_ids("options.exclude_ids", message.exclude_ids, limits.MAX_EXCLUDED, report)),
        fields.number("options.min_score", message.min_score, 0, 1, report),
        message.explain,
        message.include_metadata,
        fields.revision("options.min_revision", message.min_revision, report),
    )


def _read_key(key: str) -> str:
    if len(key.encode()) > limits.MAX_KEY_BYTES:
        message = f"a key may have at most {limits.MAX_KEY_BYTES} bytes"
        raise InvalidInput([Violation("key", Reason.TOO_LARGE, message)])
    return key


def _read_profile(message: pb.BatchProfile, options: _Options, size: int) -> Query:
    report = Report()
    if message.user_id:
        report.refuse("user_id", "stored profiles are not served yet; send interests", Reason.NOT_IMPLEMENTED)
    interests = read_interests("interests.interests", message.interests.interests, report)
    excluded = read_ids("exclude_ids", message.exclude_ids, limits.MAX_EXCLUDED, report)
    report.raise_if_refused()
    return Query(
        interests,
        size,
        options.allowed,
        options.excluded.union(excluded) if excluded else options.excluded,
        options.min_score,
        options.explain,
        options.with_metadata,
    )


def _refuse_user(user_id: str) -> None:
    if user_id:
        raise NotImplementedYet("user_id: stored profiles are not served yet; send interests")


def _digest(catalog: Catalog, request: pb.RecommendVideosRequest) -> bytes:
    """Condense a request without what may differ between its pages."""
    same = pb.RecommendVideosRequest()
    same.CopyFrom(request)
    same.ClearField("page_token")
    same.ClearField("page_size")
    same.options.ClearField("min_revision")
    same.catalog = str(catalog.catalog_id)
    return request_digest("RecommendVideos", same.SerializeToString(deterministic=True))


def _fill(target: MutableSequence[pb.Recommendation], page: Page, budget: int) -> int:
    """Add recommendations as long as they fit into `budget` bytes, at least one; return how many."""
    for sent, recommended in enumerate(page.recommended):
        message = recommendation_message(recommended)
        budget -= message.ByteSize() + 8
        if budget < 0 and sent:
            return sent
        target.append(message)
    return len(page.recommended)


def _recommendation_id(revision: int) -> str:
    """Describe a recommendation by itself: when it was made, what it saw, and a few random bytes."""
    stamp = (1, int(time.time() * 1000), revision, os.urandom(6))
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(stamp)).decode().rstrip("=")
