"""Profiles and events to answers."""

from collections.abc import Mapping

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import types_pb2 as types_pb

from ..profiles.model import Event, EventKind, StoredProfile
from ..vectors.profile import Interest
from .answers import timestamp


def profile_message(profile: StoredProfile) -> pb.Profile:
    """Write a profile."""
    declared = profile.declared
    return pb.Profile(
        user_id=profile.user_id,
        interests=map(interest_message, declared.interests),
        attributes={name: types_pb.AttributeValues(values=values) for name, values in declared.attributes.items()},
        targeting_allowed=declared.targeting_allowed,
        derived_share=declared.derived_share,
        half_life_days=declared.half_life_days,
        event_count=profile.event_count,
        last_event_time=None if profile.last_event_time is None else timestamp(profile.last_event_time),
        revision=profile.revision,
    )


def interest_message(interest: Interest) -> types_pb.Interest:
    """Write an interest."""
    return types_pb.Interest(keyword=interest.keyword, weight=interest.weight, language=interest.language)


def event_message(event: Event) -> pb.Event:
    """Write an event."""
    message = pb.Event(
        event_id=event.event_id,
        user_id=event.user_id,
        video_id=event.video_id,
        kind=_KINDS[event.kind],
        event_time=timestamp(event.time),
        watched_spans=[types_pb.TimeSpan(start_seconds=start, end_seconds=end) for start, end in event.watched_spans],
        recommendation_id=event.recommendation_id,
        promotion_id=event.promotion_id,
        weight=event.weight,
    )
    if event.watched_seconds is not None:
        message.watched_seconds = event.watched_seconds
    if event.watched_share is not None:
        message.watched_share = event.watched_share
    return message


_KINDS: Mapping[EventKind, pb.EventKind.ValueType] = {
    kind: pb.EventKind.Value(f"EVENT_KIND_{kind}") for kind in EventKind
}
