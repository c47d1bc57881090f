"""`ProfileService`."""

import time
from collections.abc import Callable, Iterator, Sequence

import grpc
import msgspec

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1.profile_service_pb2_grpc import ProfileServiceServicer

from ..errors import NotFound, Reason, quote
from ..index.follower import Follower
from ..insights.limits import check_id
from ..insights.report import Report
from ..profiles.derived import derive
from ..profiles.filter import ProfileFilter
from ..profiles.model import CreditedEvent, Event, StoredProfile
from ..ranking.users import Users
from ..store.port import Catalog, Store, WriteOutcome
from ..store.profile_port import Merge, ProfileChange
from ..vectors.profile import Interest
from . import fields, limits
from .answers import highest_revision
from .batch import Batch, batch_catalog
from .deadline import Deadline, time_remaining
from .profile_answers import event_message, interest_message, profile_message
from .profile_requests import read_event, read_mask, read_merge, read_profile, read_profile_filter
from .token import PageTokens, page_digest

_READ_AT_ONCE = 100
"""Profiles that a list reads from the store at a time."""

_EventKey = tuple[float, str]
"""Time and id of an event."""
_BEFORE_ALL: _EventKey = (-1.0, "")


class ProfileServicer(ProfileServiceServicer):
    """See `profile_service.proto`. `clock` tells the time in Unix seconds."""

    def __init__(
        self,
        store: Store,
        follower: Follower,
        users: Users,
        tokens: PageTokens,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._users = users
        self._profiles = store.profiles
        self._follower = follower
        self._tokens = tokens
        self._clock = clock

    def UpsertProfiles(
        self, request: pb.UpsertProfilesRequest, context: grpc.ServicerContext
    ) -> pb.UpsertProfilesResponse:
        """See `UpsertProfiles` in the contract."""
        report = Report()
        names = read_mask("update_mask", request.update_mask, report)
        report.raise_if_refused()
        catalog = batch_catalog(self._store, request.catalog, "profiles", request.profiles)
        batch = Batch[ProfileChange](unique_id="user_id")
        deadline = Deadline(context)
        for index, message in enumerate(request.profiles):
            deadline.check()

            def read(report: Report, message: pb.Profile = message) -> ProfileChange:
                return read_profile(message, names, report)

            batch.take(index, message.user_id, read)
        changes = batch.changes
        outcomes = (
            self._profiles.write_profiles(catalog.catalog_id, changes, time_remaining(context)) if changes else []
        )
        return pb.UpsertProfilesResponse(results=batch.answer(outcomes), revision=self._followed(catalog, outcomes))

    def GetProfile(self, request: pb.GetProfileRequest, context: grpc.ServicerContext) -> pb.GetProfileResponse:
        """See `GetProfile` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        check_id("user_id", request.user_id, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        response = pb.GetProfileResponse(index_revision=self._follower.check_revision(min_revision))
        profile = self._profiles.profile(catalog.catalog_id, request.user_id)
        birth = 0 if profile is None else profile.birth  # so that no token outlives the profile
        digest = page_digest("GetProfile", request, f"{catalog.catalog_id} {birth}")
        after = _read_key(self._tokens.open(digest, request.page_token)) if request.page_token else _BEFORE_ALL
        if profile is None:
            message = f"there is no profile of user {quote(request.user_id)} in catalog '{name}'; upsert it or record "
            message += "an event of the user, or check the id"
            metadata = {"catalog": name, "user_id": request.user_id}
            raise NotFound(Reason.PROFILE_NOT_FOUND, message, metadata=metadata)
        response.profile.CopyFrom(profile_message(profile))
        if request.include_derived_interests and not request.page_token:
            response.derived_interests.extend(map(interest_message, self._derived_interests(catalog, profile)))
        if request.include_events:
            found = self._profiles.events(catalog.catalog_id, request.user_id, after, size + 1)
            last = _add_events(response, found, size)
            if last is not None:
                response.next_page_token = self._tokens.seal(digest, _key(last))
        return response

    def ListProfiles(self, request: pb.ListProfilesRequest, context: grpc.ServicerContext) -> pb.ListProfilesResponse:
        """See `ListProfiles` in the contract."""
        report = Report()
        name = fields.catalog_name("catalog", request.catalog, report)
        allowed = read_profile_filter("filter", request.filter, report)
        size = fields.page_size("page_size", request.page_size, limits.DEFAULT_LIST_PAGE, limits.MAX_LIST_PAGE, report)
        min_revision = fields.revision("min_revision", request.min_revision, report)
        report.raise_if_refused()
        catalog = self._follower.catalog(name, min_revision)
        digest = page_digest("ListProfiles", request, str(catalog.catalog_id))
        last = self._tokens.open(digest, request.page_token).decode() if request.page_token else ""
        response = pb.ListProfilesResponse(index_revision=self._follower.check_revision(min_revision))
        if request.include_total:
            response.total_count = self._count(catalog, allowed, Deadline(context))
        budget = limits.MAX_ANSWER_BYTES
        for scanned, profile in enumerate(self._candidates(catalog, allowed, last)):
            # However few are allowed: what is left is for the next page.
            is_over = scanned == limits.MAX_SCANNED_PROFILES
            if not is_over and (allowed is None or allowed.allows(profile)):
                message = profile_message(profile)
                budget -= message.ByteSize()
                is_over = bool(response.profiles) and (budget < 0 or len(response.profiles) == size)
                if not is_over:
                    response.profiles.append(message)
            if is_over:
                response.next_page_token = self._tokens.seal(digest, last.encode())
                break
            last = profile.user_id
        return response

    def DeleteProfiles(
        self, request: pb.DeleteProfilesRequest, context: grpc.ServicerContext
    ) -> pb.DeleteProfilesResponse:
        """See `DeleteProfiles` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "user_ids", request.user_ids)
        batch = Batch[str]()
        for index, user_id in enumerate(request.user_ids):

            def read(report: Report, user_id: str = user_id) -> str:
                check_id("user_id", user_id, report)
                return user_id

            batch.take(index, user_id, read)
        user_ids, timeout = batch.changes, time_remaining(context)
        outcomes = (
            self._profiles.delete_profiles(catalog.catalog_id, user_ids, self._clock(), timeout) if user_ids else []
        )
        self._users.let_go_of_deleted()
        return pb.DeleteProfilesResponse(results=batch.answer(outcomes), revision=self._followed(catalog, outcomes))

    def RecordEvents(self, request: pb.RecordEventsRequest, context: grpc.ServicerContext) -> pb.RecordEventsResponse:
        """See `RecordEvents` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "events", request.events)
        batch = Batch[Event]()
        deadline = Deadline(context)
        now = self._clock()
        for index, message in enumerate(request.events):
            deadline.check()

            def read(report: Report, message: pb.Event = message) -> Event:
                return read_event(message, now, report)

            batch.take(index, message.event_id, read)
        events = batch.changes
        if not events:
            return pb.RecordEventsResponse(results=batch.answer([]), revision=self._followed(catalog, []))
        recorded = self._profiles.record_events(catalog.catalog_id, events, time_remaining(context))
        return pb.RecordEventsResponse(
            results=batch.answer(recorded.outcomes),
            revision=self._followed(catalog, recorded.outcomes),
            missing_ids=recorded.missing_ids,
        )

    def MergeProfiles(
        self, request: pb.MergeProfilesRequest, context: grpc.ServicerContext
    ) -> pb.MergeProfilesResponse:
        """See `MergeProfiles` in the contract."""
        catalog = batch_catalog(self._store, request.catalog, "merges", request.merges)
        batch = Batch[Merge]()
        for index, message in enumerate(request.merges):

            def read(report: Report, message: pb.ProfileMerge = message) -> Merge:
                return read_merge(message, report)

            batch.take(index, message.into_user_id, read)
        merges = batch.changes
        outcomes = self._profiles.merge_profiles(catalog.catalog_id, merges, time_remaining(context)) if merges else []
        self._users.let_go_of_deleted()
        return pb.MergeProfilesResponse(results=batch.answer(outcomes), revision=self._followed(catalog, outcomes))

    def _followed(self, catalog: Catalog, outcomes: Sequence[WriteOutcome]) -> int:
        """Return the revision to answer with, once the catalog's index bears it, so that no read here waits for it."""
        highest = highest_revision(outcomes)
        if highest:
            self._follower.follow(catalog, highest)
        return highest or self._store.revision()

    def _derived_interests(self, catalog: Catalog, profile: StoredProfile) -> Sequence[Interest]:
        history = self._profiles.history(catalog.catalog_id, profile.user_id)
        if history is None:  # deleted in this moment
            return []
        settings = catalog.profile_settings
        return derive(history.events, settings, history.profile.declared.half_life_in(settings)).interests()

    def _candidates(self, catalog: Catalog, allowed: ProfileFilter | None, after: str) -> Iterator[StoredProfile]:
        """Yield profiles by user id, read a few at a time; only those that are named, if the filter names any."""
        named = None if allowed is None else allowed.users
        if named is None:
            while some := self._profiles.profiles(catalog.catalog_id, after, _READ_AT_ONCE):
                yield from some
                after = some[-1].user_id
            return
        for user_id in sorted(named):  # the order of code points is that of the bytes in UTF-8
            profile = self._profiles.profile(catalog.catalog_id, user_id) if user_id > after else None
            if profile is not None:
                yield profile

    def _count(self, catalog: Catalog, allowed: ProfileFilter | None, deadline: Deadline) -> int:
        if allowed is None:
            return self._profiles.profile_count(catalog.catalog_id)
        total = 0
        for profile in self._candidates(catalog, allowed, ""):
            deadline.check()
            total += allowed.allows(profile)
        return total


def _add_events(response: pb.GetProfileResponse, found: Sequence[CreditedEvent], size: int) -> Event | None:
    """Add at most `size` events as long as they fit; return the last one if more follow."""
    budget = limits.MAX_ANSWER_BYTES - response.ByteSize()
    for event, _, _ in found:
        message = event_message(event)
        budget -= message.ByteSize() + 8
        if response.events and (budget < 0 or len(response.events) == size):
            break
        response.events.append(message)
    sent = len(response.events)
    return found[sent - 1].event if sent < len(found) else None


def _key(event: Event) -> bytes:
    return msgspec.msgpack.encode((event.time, event.event_id))


def _read_key(payload: bytes) -> _EventKey:
    key: _EventKey = msgspec.msgpack.decode(payload, type=_EventKey)
    return key
