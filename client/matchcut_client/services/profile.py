"""Methods of ProfileService."""
# ruff: noqa: A002, PLR0913 - a method's arguments are the fields of its request

from collections.abc import Iterable, Iterator
from dataclasses import replace

from google.protobuf.field_mask_pb2 import FieldMask

from matchcut.v1 import profile_service_pb2
from matchcut.v1.profile_service_pb2 import (
    DeleteProfilesRequest,
    GetProfileRequest,
    ListProfilesRequest,
    MergeProfilesRequest,
    RecordEventsRequest,
    UpsertProfilesRequest,
)
from matchcut_client.conversion import to_request
from matchcut_client.paging import pages
from matchcut_client.profiles import (
    DeleteProfilesResponse,
    Event,
    GetProfileResponse,
    ListProfilesResponse,
    MergeProfilesResponse,
    Profile,
    ProfileFilter,
    ProfileMerge,
    RecordEventsResponse,
    UpsertProfilesResponse,
)
from matchcut_client.services.base import ServiceMethods, as_items, messages, strings


class ProfileMethods(ServiceMethods):
    """The stored interest profiles of users, and the events they are derived from.

    Writes take any number of items and send them in as many requests as it takes; `timeout` holds for each. Sending an
    input again after an error does no harm.
    """

    def upsert_profiles(
        self,
        profiles: Iterable[Profile],
        *,
        update_mask: Iterable[str] = (),
        catalog: str | None = None,
        timeout: float | None = None,
    ) -> UpsertProfilesResponse:
        """Create profiles or replace their declared part; events stay. A user id may occur once.

        `update_mask` names the fields to write: `interests`, `attributes`, `targeting_allowed`, `derived_share`,
        `half_life_days`; the others stay as they are. Without it all are written.
        """
        paths = strings(update_mask)

        def send(batch: list[profile_service_pb2.Profile]) -> UpsertProfilesResponse:
            request = UpsertProfilesRequest(
                catalog=self._catalog(catalog), profiles=batch, update_mask=FieldMask(paths=paths) if paths else None
            )
            return self._long_call(self.stubs.profile.UpsertProfiles, request, UpsertProfilesResponse, timeout)

        items = messages(profile_service_pb2.Profile, profiles)
        answers = self._write(items, send, UpsertProfilesResponse, id_field="user_id", unique=True)
        return self._write_all(UpsertProfilesResponse, answers)

    def get_profile(
        self,
        user_id: str,
        *,
        include_derived_interests: bool = False,
        include_events: bool = False,
        page_size: int = 0,
        page_token: str = "",
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> GetProfileResponse:
        """Read one profile and, on request, one page of its events: `page_size` of them, 0 means 100.

        Raises NotFound.
        """
        request = to_request(
            GetProfileRequest,
            catalog=self._catalog(catalog),
            user_id=user_id,
            include_derived_interests=include_derived_interests,
            include_events=include_events,
            page_size=page_size,
            page_token=page_token,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.profile.GetProfile, request, GetProfileResponse, timeout)

    def list_profiles(
        self,
        *,
        filter: ProfileFilter | None = None,
        page_size: int = 0,
        page_token: str = "",
        include_total: bool = False,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> ListProfilesResponse:
        """List one page of profiles by user id: `page_size` of them, at most 1,000; 0 means 100."""
        request = to_request(
            ListProfilesRequest,
            catalog=self._catalog(catalog),
            filter=filter,
            page_size=page_size,
            page_token=page_token,
            include_total=include_total,
            min_revision=self._min_revision(min_revision),
        )
        return self._call(self.stubs.profile.ListProfiles, request, ListProfilesResponse, timeout)

    def iter_profiles(
        self,
        *,
        filter: ProfileFilter | None = None,
        page_size: int = 0,
        catalog: str | None = None,
        min_revision: int | None = None,
        timeout: float | None = None,
    ) -> Iterator[Profile]:
        """Yield all profiles that the filter allows, by user id; `timeout` holds for each page."""
        for page in pages(
            self.list_profiles,
            filter=filter,
            page_size=page_size,
            catalog=catalog,
            min_revision=min_revision,
            timeout=timeout,
        ):
            yield from page.profiles

    def delete_profiles(
        self, user_ids: Iterable[str], *, catalog: str | None = None, timeout: float | None = None
    ) -> DeleteProfilesResponse:
        """Delete profiles with all their events."""

        def send(batch: list[str]) -> DeleteProfilesResponse:
            request = DeleteProfilesRequest(catalog=self._catalog(catalog), user_ids=batch)
            return self._long_call(self.stubs.profile.DeleteProfiles, request, DeleteProfilesResponse, timeout)

        return self._write_all(DeleteProfilesResponse, self._write(as_items(user_ids), send, DeleteProfilesResponse))

    def record_events(
        self, events: Iterable[Event], *, catalog: str | None = None, timeout: float | None = None
    ) -> RecordEventsResponse:
        """Record what users did. An event with an id that is known already is UNCHANGED, whatever it holds."""
        missing: dict[str, None] = {}

        def send(batch: list[profile_service_pb2.Event]) -> RecordEventsResponse:
            request = RecordEventsRequest(catalog=self._catalog(catalog), events=batch)
            answer = self._long_call(self.stubs.profile.RecordEvents, request, RecordEventsResponse, timeout)
            missing.update(dict.fromkeys(answer.missing_ids))
            return answer

        items = messages(profile_service_pb2.Event, events)
        answers = self._write(items, send, RecordEventsResponse, id_field="event_id")
        return replace(self._write_all(RecordEventsResponse, answers), missing_ids=tuple(missing))

    def merge_profiles(
        self, merges: Iterable[ProfileMerge], *, catalog: str | None = None, timeout: float | None = None
    ) -> MergeProfilesResponse:
        """Merge profiles, each into another, in order."""

        def send(batch: list[profile_service_pb2.ProfileMerge]) -> MergeProfilesResponse:
            request = MergeProfilesRequest(catalog=self._catalog(catalog), merges=batch)
            return self._long_call(self.stubs.profile.MergeProfiles, request, MergeProfilesResponse, timeout)

        items = messages(profile_service_pb2.ProfileMerge, merges)
        answers = self._write(items, send, MergeProfilesResponse, id_field="into_user_id")
        return self._write_all(MergeProfilesResponse, answers)
