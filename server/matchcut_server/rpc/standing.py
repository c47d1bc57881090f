"""Standing interests, and what newly matches them."""

from collections.abc import Iterator, Sequence

import grpc

from matchcut.v1 import targeting_service_pb2 as pb

from ..index.follower import Follower
from ..insights.limits import check_id
from ..insights.report import Report
from ..store.port import Catalog, Store
from ..store.standing_port import StoredStanding
from ..targeting.standing_terms import KnownTerms
from . import fields, limits
from .answers import highest_revision
from .asking import Asking
from .batch import Batch, batch_catalog
from .deadline import Deadline, time_remaining, wait_seconds
from .matches import MatchPages
from .standing_requests import read_stored, standing_body, stored_message
from .token import PageTokens, page_digest

_READ_AT_ONCE = 20
"""Standing interests that a list reads from the store at a time: each may be large."""


class StandingMethods(Asking):
    """See `targeting_service.proto`."""

    def __init__(self, store: Store, follower: Follower, tokens: PageTokens) -> None:
        super().__init__(store, follower, tokens)
        self._match_pages = MatchPages(store, follower, tokens, KnownTerms(store, read_stored))

    def UpsertStandingInterests(
        self, request: pb.UpsertStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.UpsertStandingInterestsResponse:
        """See `UpsertStandingInterests` in the contract."""
        messages = request.standing_interests
        catalog = batch_catalog(self._store, request.catalog, "standing_interests", messages)
        batch = Batch[tuple[str, bytes]](unique_id="standing_interest_id")
        deadline = Deadline(context)
        for index, message in enumerate(messages):
            deadline.check()

            def read(report: Report, message: pb.StandingInterest = message) -> tuple[str, bytes]:
                return message.standing_interest_id, standing_body(message, report)

            batch.take(index, message.standing_interest_id, read)
        items, timeout = batch.changes, time_remaining(context)
        most = limits.MAX_STANDING_INTERESTS
        outcomes = self._store.standing.put(catalog.catalog_id, items, most, timeout) if items else []
        revision = self._followed(catalog, highest_revision(outcomes))
        return pb.UpsertStandingInterestsResponse(results=batch.answer(outcomes), revision=revision)

    def ListStandingInterests(
        self, request: pb.ListStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.ListStandingInterestsResponse:
        """See `ListStandingInterests` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        ids = request.standing_interest_ids
        if fields.count("standing_interest_ids", ids, limits.MAX_BATCH, report, least=0):
            for i, one in enumerate(ids):
                check_id(f"standing_interest_ids[{i}]", one, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        digest = page_digest("ListStandingInterests", request, str(catalog.catalog_id))
        after = self._tokens.open(digest, request.page_token).decode() if request.page_token else ""
        response = pb.ListStandingInterestsResponse(index_revision=self._follower.check_revision(min_revision))
        wanted = sorted(set(ids))
        if ids and (request.include_total or not request.page_token):
            there = {one.standing_interest_id for one in self._found(catalog, wanted)}
            if not request.page_token:
                response.missing_ids.extend(one for one in dict.fromkeys(ids) if one not in there)
        if request.include_total:
            response.total_count = len(there) if ids else self._store.standing.count(catalog.catalog_id)
        budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
        listed = self._found(catalog, [one for one in wanted if one > after]) if ids else self._listed(catalog, after)
        for stored in listed:
            message = stored_message(stored)
            budget -= message.ByteSize()
            if response.standing_interests and (budget < 0 or len(response.standing_interests) == size):
                last = response.standing_interests[-1].standing_interest_id
                response.next_page_token = self._tokens.seal(digest, last.encode())
                break
            response.standing_interests.append(message)
        return response

    def DeleteStandingInterests(
        self, request: pb.DeleteStandingInterestsRequest, context: grpc.ServicerContext
    ) -> pb.DeleteStandingInterestsResponse:
        """See `DeleteStandingInterests` in the contract."""
        ids = request.standing_interest_ids
        catalog = batch_catalog(self._store, request.catalog, "standing_interest_ids", ids)
        batch = Batch[str]()
        for index, one in enumerate(ids):

            def read(report: Report, one: str = one) -> str:
                check_id("standing_interest_id", one, report)
                return one

            batch.take(index, one, read)
        wanted, timeout = batch.changes, time_remaining(context)
        outcomes = self._store.standing.delete(catalog.catalog_id, wanted, timeout) if wanted else []
        revision = self._followed(catalog, highest_revision(outcomes))
        return pb.DeleteStandingInterestsResponse(results=batch.answer(outcomes), revision=revision)

    def ListMatches(self, request: pb.ListMatchesRequest, context: grpc.ServicerContext) -> pb.ListMatchesResponse:
        """See `ListMatches` in the contract."""
        return self._match_pages.answer(request, Deadline(context), wait_seconds(context))

    def _followed(self, catalog: Catalog, written: int) -> int:
        """Return the revision of a write, once the catalog's index bears it, so that no read here has to wait for it.

        `written`: the highest one, or 0 if nothing was.
        """
        if written:
            self._follower.follow(catalog, written)
        return written or self._store.revision()

    def _listed(self, catalog: Catalog, after: str) -> Iterator[StoredStanding]:
        """Yield standing interests by id, read a few at a time."""
        while some := self._store.standing.listed(catalog.catalog_id, after, _READ_AT_ONCE):
            yield from some
            after = some[-1].standing_interest_id

    def _found(self, catalog: Catalog, ids: Sequence[str]) -> Iterator[StoredStanding]:
        """Yield those of some standing interests, given in order, that are there, read a few at a time."""
        for start in range(0, len(ids), _READ_AT_ONCE):
            yield from self._store.standing.find(catalog.catalog_id, ids[start : start + _READ_AT_ONCE])
