"""`RecommendationService`."""

import base64
import os
import time
from collections.abc import Sequence

import grpc
import msgspec

from matchcut.v1 import recommendation_service_pb2 as pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceServicer

from ..errors import InvalidInput, Reason, Violation
from ..index.follower import Follower
from ..insights.limits import check_id
from ..insights.report import Report
from ..ranking.query import Page
from ..ranking.recommender import Recommender
from ..ranking.users import User
from ..store.port import Catalog, Store
from ..vectors.profile import Interest
from . import fields, limits
from .answers import field_errors, recommendation_message
from .deadline import Deadline, wait_seconds
from .options import Options, read_options
from .promotions import read_seeds
from .requests import read_ids, read_interests
from .token import PageTokens, page_digest

_BIRTH_BYTES = 8


class RecommendationServicer(RecommendationServiceServicer):
    """See `recommendation_service.proto`."""

    def __init__(self, recommender: Recommender, store: Store, follower: Follower, tokens: PageTokens) -> None:
        self._recommender = recommender
        self._store = store
        self._follower = follower
        self._tokens = tokens

    def RecommendVideos(
        self, request: pb.RecommendVideosRequest, context: grpc.ServicerContext
    ) -> pb.RecommendVideosResponse:
        """See `RecommendVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        interests = _read_interests(request, report)
        options = read_options(request.options, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, options.min_revision)
        user = self._user(catalog, request.user_id, options)
        digest = page_digest("RecommendVideos", request, str(catalog.catalog_id))
        given = self._given(digest, request.page_token, user)
        ranking = options.ranking_in(self._store, catalog)
        view = self._follower.view(catalog, options.min_revision, wait_seconds(context))
        page = self._recommender.recommend(catalog, view, options.query(size, ranking, user, given), interests)
        response = pb.RecommendVideosResponse(
            missing_ids=self._recommender.missing_ids(catalog, request.options.exclude_ids)[: limits.MAX_MISSING],
            index_revision=view.revision,
        )
        response.next_page_token = self._fill_page(response, page, digest, given, user)
        return response

    def BatchRecommendVideos(
        self, request: pb.BatchRecommendVideosRequest, context: grpc.ServicerContext
    ) -> pb.BatchRecommendVideosResponse:
        """See `BatchRecommendVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        fields.count("profiles", request.profiles, limits.MAX_BATCH, report)
        options = read_options(request.options, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, options.min_revision)
        ranking = options.ranking_in(self._store, catalog)
        view = self._follower.view(catalog, options.min_revision, wait_seconds(context))
        response = pb.BatchRecommendVideosResponse(index_revision=view.revision)
        budget = limits.MAX_ANSWER_BYTES
        deadline = Deadline(context)
        common = self._recommender.missing_ids(catalog, request.options.exclude_ids)
        for index, profile in enumerate(request.profiles):
            deadline.check()
            result = pb.BatchRecommendation(index=index, fallback=pb.FALLBACK_NONE)
            try:
                result.key = _read_key(profile.key)
                interests, excluded = _read_profile(profile)
            except InvalidInput as refusal:
                result.field_errors.extend(field_errors(refusal.violations))
            else:
                query = options.query(size, ranking, self._user(catalog, profile.user_id, options), b"", excluded)
                page = self._recommender.recommend(catalog, view, query, interests)
                own = self._recommender.missing_ids(catalog, profile.exclude_ids)
                result.missing_ids.extend(list(dict.fromkeys((*common, *own)))[: limits.MAX_MISSING])
                _fill(result, page, view.revision)
            budget -= result.ByteSize()
            if response.results and (budget < 0 or deadline.is_near()):
                break
            response.results.append(result)
        return response

    def RecommendSimilarVideos(
        self, request: pb.RecommendSimilarVideosRequest, context: grpc.ServicerContext
    ) -> pb.RecommendSimilarVideosResponse:
        """See `RecommendSimilarVideos` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        seeds = read_seeds("seeds", request.seeds, report)
        if request.user_id:
            check_id("user_id", request.user_id, report)
        options = read_options(request.options, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_PAGE, limits.MAX_PAGE, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, options.min_revision)
        user = self._user(catalog, request.user_id, options)
        digest = page_digest("RecommendSimilarVideos", request, str(catalog.catalog_id))
        given = self._given(digest, request.page_token, user)
        ranking = options.ranking_in(self._store, catalog)
        view = self._follower.view(catalog, options.min_revision, wait_seconds(context))
        query = options.query(size, ranking, user, given)
        page = self._recommender.similar(catalog, view, query, seeds, keep_copies=request.include_near_duplicates)
        named = [*(seed.video_id for seed in seeds), *request.options.exclude_ids]
        response = pb.RecommendSimilarVideosResponse(
            missing_ids=self._recommender.missing_ids(catalog, named)[: limits.MAX_MISSING],
            index_revision=view.revision,
        )
        response.next_page_token = self._fill_page(response, page, digest, given, user)
        return response

    def _user(self, catalog: Catalog, user_id: str, options: Options) -> User | None:
        return self._recommender.users.user(catalog, user_id, with_sources=options.explain) if user_id else None

    def _given(self, digest: bytes, token: str, user: User | None) -> bytes:
        """Return the videos of earlier pages. Raises `InvalidInput` if they are not those of this user any more."""
        if not token:
            return b""
        payload = self._tokens.open(digest, token)
        born = int.from_bytes(payload[:_BIRTH_BYTES], "big")
        if born and (user is None or user.profile.birth != born):
            message = "the page token was made for a user who has been deleted since; begin with the first page"
            raise InvalidInput([Violation("page_token", Reason.INVALID_PAGE_TOKEN, message)])
        return payload[_BIRTH_BYTES:]

    def _fill_page(
        self,
        response: pb.RecommendVideosResponse | pb.RecommendSimilarVideosResponse,
        page: Page,
        digest: bytes,
        given: bytes,
        user: User | None,
    ) -> str:
        """Put a page into an answer as far as it fits, and return the token of the next one; empty if there is none."""
        sent = _fill(response, page, response.index_revision)
        if not page.has_more and sent == len(page.recommended):
            return ""
        born = (0 if user is None else user.profile.birth).to_bytes(_BIRTH_BYTES, "big")
        return self._tokens.seal(digest, born + page.given(given, sent))


def _read_interests(message: pb.RecommendVideosRequest | pb.BatchProfile, report: Report) -> list[Interest] | None:
    """Read interests; None if those of the user's profile are to be taken."""
    if message.user_id:
        check_id("user_id", message.user_id, report)
        if not message.HasField("interests"):
            return None
    elif not message.HasField("interests"):
        report.refuse("interests", "interests or a user_id are required", Reason.REQUIRED)
        return []
    return read_interests("interests.interests", message.interests.interests, report)


def _read_key(key: str) -> str:
    if len(key.encode()) > limits.MAX_KEY_BYTES:
        message = f"a key may have at most {limits.MAX_KEY_BYTES} bytes"
        raise InvalidInput([Violation("key", Reason.TOO_LARGE, message)])
    return key


def _read_profile(message: pb.BatchProfile) -> tuple[list[Interest] | None, Sequence[str]]:
    report = Report()
    interests = _read_interests(message, report)
    excluded = read_ids("exclude_ids", message.exclude_ids, limits.MAX_EXCLUDED, report)
    report.raise_if_refused()
    return interests, excluded


def _fill(
    answer: pb.RecommendVideosResponse | pb.RecommendSimilarVideosResponse | pb.BatchRecommendation,
    page: Page,
    revision: int,
) -> int:
    """Put a page into an answer, at least one recommendation and no more than fit into it; return how many.

    `revision`: the one it was recommended at.
    """
    answer.recommendation_id = _recommendation_id(revision)
    answer.fallback = pb.Fallback.Value(f"FALLBACK_{page.fallback}")
    answer.ranked_candidates = page.ranked_candidates
    budget = limits.MAX_ANSWER_BYTES - answer.ByteSize()
    for sent, recommended in enumerate(page.recommended):
        message = recommendation_message(recommended)
        budget -= message.ByteSize() + 8
        if budget < 0 and sent:
            return sent
        answer.recommendations.append(message)
    return len(page.recommended)


def _recommendation_id(revision: int) -> str:
    """Describe a recommendation by itself: when it was made, what it saw, and a few random bytes."""
    stamp = (1, int(time.time() * 1000), revision, os.urandom(6))
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(stamp)).decode().rstrip("=")
