"""Short ways to make and to compare what a store holds of users."""

from collections import Counter

from matchcut_server.profiles.model import Credit, CreditedEvent, Declared, Event, EventKind
from matchcut_server.store.port import Store, WriteStatus
from matchcut_server.store.profile_port import DailyViews, Merge, ProfileChange
from matchcut_server.vectors.profile import Interest

DAY = 86_400.0
MILLION = 1_000_000

Shown = tuple[list[int], list[float], list[int], list[float], tuple[str, ...]]


def view(event_id: str, user_id: str = "ann", video_id: str = "a", time: float = 0.0, **fields: object) -> Event:
    """Make the event of a view, or of another `kind`."""
    return Event(event_id, user_id, **{"kind": EventKind.VIEW, "time": time, "video_id": video_id, **fields})  # type: ignore[arg-type]


def like(event_id: str, user_id: str = "ann", video_id: str = "a", time: float = 0.0, weight: float = 1.0) -> Event:
    """Make the event of a like."""
    return view(event_id, user_id, video_id, time, kind=EventKind.LIKE, weight=weight)


def interests(*keywords: str) -> Declared:
    """Declare interests in keywords."""
    return Declared(tuple(Interest(keyword) for keyword in keywords))


def declare(user_id: str, declared: Declared) -> ProfileChange:
    """Make the change that declares this, whatever was there."""
    return ProfileChange(user_id, lambda _: declared)


def merge(from_user_id: str, into_user_id: str) -> Merge:
    """Make a merge that adds the interests of the first to those of the second."""

    def unite(first: Declared, second: Declared | None) -> Declared:
        return first if second is None else Declared((*second.interests, *first.interests), second.attributes)

    return Merge(from_user_id, into_user_id, unite)


def record(store: Store, catalog_id: int, *events: Event) -> list[WriteStatus]:
    """Record events and tell what became of each."""
    return [outcome.status for outcome in store.profiles.record_events(catalog_id, events).outcomes]


def shown(credit: Credit | None) -> Shown | None:
    """A credit as numbers that can be compared."""
    if credit is None:
        return None
    return (
        credit.phrases.keys.tolist(),
        credit.phrases.frequencies.tolist(),
        credit.words.keys.tolist(),
        credit.words.frequencies.tolist(),
        credit.texts,
    )


def history(store: Store, catalog_id: int, user_id: str) -> list[tuple[Event, float | None, Shown | None]]:
    """All events of a user with what they count for, after a look at what the profile says of them."""
    found = store.profiles.history(catalog_id, user_id)
    if found is None:
        return []
    times = [one.event.time for one in found.events]
    assert found.profile == store.profiles.profile(catalog_id, user_id)
    assert (found.profile.event_count, found.profile.last_event_time) == (len(times), max(times, default=None))
    assert all(one.event.user_id == user_id for one in found.events)
    return [(one.event, one.share, shown(one.credit)) for one in found.events]


def popularity(store: Store, catalog_id: int) -> dict[str, list[DailyViews]]:
    """The popularity of all videos that have any."""
    changes = store.profiles.popularity_changes(catalog_id, 0)
    assert changes.revision == store.revision()
    return {video_id: days for video_id, days in changes.changed.items() if days}


def recount(events: list[CreditedEvent]) -> dict[str, list[DailyViews]]:
    """What the popularity of all videos must be, from the events themselves."""
    views: Counter[tuple[str, int]] = Counter()
    likes: Counter[tuple[str, int]] = Counter()
    for event, share, _ in events:
        if share is not None and event.video_id:
            key = event.video_id, int(event.time // DAY)
            views[key] += round(share * MILLION) if event.kind is EventKind.VIEW else 0
            likes[key] += round(event.weight * MILLION) if event.kind is EventKind.LIKE else 0
    found: dict[str, list[DailyViews]] = {}
    for video_id, day in sorted(key for key in views if views[key] or likes[key]):
        found.setdefault(video_id, []).append(DailyViews(day, views[video_id, day], likes[video_id, day]))
    return found
