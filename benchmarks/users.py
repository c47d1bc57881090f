"""`users`: writes of events and profiles, how soon they count, and recommendations for many stored profiles."""

import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from typing import TypeVar

import grpc
import msgspec
from google.protobuf.timestamp_pb2 import Timestamp

from matchcut.v1 import profile_service_pb2 as pb
from matchcut.v1 import recommendation_service_pb2 as recommendation_pb
from matchcut.v1.recommendation_service_pb2_grpc import RecommendationServiceStub
from matchcut_server.profiles.model import Declared, Event, EventKind
from matchcut_server.profiles.warming import warm
from matchcut_server.store.port import DEFAULT_CATALOG
from matchcut_server.store.profile_port import ProfileChange
from matchcut_server.store.sqlite.database import FILE_NAME
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.profile import Interest

from .cache import FOLDER, cached, fingerprint
from .drawing import SEED
from .load import DEADLINE_SECONDS, Load
from .measure import Row, Scale, amount, duration, median, p99, p99_text, rate, ratio, resident_bytes, timed
from .process import matchcut, send
from .rpc import interest_list
from .stored import data_folder
from .synthetic import NOW, profiles, video_id

T = TypeVar("T")

BATCH = 1_000
"""Events, or profiles, in one call."""
CONNECTIONS = 4
INTERESTS = 10
"""That a user has declared."""
EVENTS = 10
"""Of each tenth user."""
TENTH = 10

_POOL = 10_000
"""Different lists of interests that users have parts of."""
_EVENTS_OF_A_BATCH_USER = 10

_PROFILES = "/matchcut.v1.ProfileService/"
_RECOMMEND = "/matchcut.v1.RecommendationService/RecommendVideos"


class _Sizes(msgspec.Struct, frozen=True):
    """Bytes on the disk."""

    videos: int
    profiles: int
    """With the videos, and so on."""
    events: int


def run(scale: Scale) -> Iterator[Row]:
    """Measure writes to a small catalog, and recommendations from a larger one with many stored users."""
    FOLDER.mkdir(exist_ok=True)
    size = scale.served[0]
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:  # on the disk of the checkout, as for imports
        data = Path(folder) / "data"
        shutil.copytree(data_folder(size), data)
        yield from _writes(scale, size, data)
        yield from _seen_after(scale, size, data)
    yield from _many(scale, scale.served[-1])


def user_interests(number: int) -> Sequence[Interest]:
    """Return what a user has declared."""
    own = _pool()[number % _POOL]
    start = number // _POOL % (len(own) - INTERESTS)
    return own[start : start + INTERESTS]


def _writes(scale: Scale, size: int, data: Path) -> Iterator[Row]:
    """Measure how many events and profiles are durable in a second, each round with new ones."""
    warm()
    numbers = count()
    store = SqliteStore(data)
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    events, changes = [], []
    for _ in range(scale.rounds):
        made = [_batch_events(next(numbers), size) for _ in range(scale.batches)]
        events.append(_per_second(lambda some: store.profiles.record_events(catalog.catalog_id, some), made))
        declared = [_batch_changes(next(numbers)) for _ in range(scale.batches)]
        changes.append(_per_second(lambda some: store.profiles.write_profiles(catalog.catalog_id, some), declared))
    store.close()
    sent, upserted = [], []
    with matchcut(data) as server:
        for _ in range(scale.rounds):
            recorded = [_events_request(_batch_events(next(numbers), size)) for _ in range(scale.batches)]
            sent.append(_sent_per_second(server.address, "RecordEvents", recorded))
            upserts = [_profiles_request(next(numbers)) for _ in range(scale.batches)]
            upserted.append(_sent_per_second(server.address, "UpsertProfiles", upserts))
    for what, stored, called, unit in (
        ("RecordEvents", events, sent, "events"),
        ("UpsertProfiles", changes, upserted, "profiles"),
    ):
        alone, over = median(stored), median(called)
        yield Row(f"{what}, {BATCH:,} a call, the store alone", size, rate(alone, unit))
        yield Row(
            f"  over gRPC, {CONNECTIONS} connections", size, rate(over, unit), "", ratio(over / alone, "the store")
        )


def _per_second(write: Callable[[Sequence[T]], object], batches: Sequence[Sequence[T]]) -> float:
    seconds = sum(timed(write, batch)[0] for batch in batches)
    return len(batches) * BATCH / seconds


def _sent_per_second(address: str, method: str, requests: Sequence[bytes]) -> float:
    took = send(Load(address, _PROFILES + method, requests, min(CONNECTIONS, len(requests)), len(requests)))
    return len(requests) * BATCH / took.seconds


def _seen_after(scale: Scale, size: int, data: Path) -> Iterator[Row]:
    """Measure from an event that one process has acknowledged to a recommendation of another one that reflects it."""
    store = SqliteStore(data)
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    changes = [ProfileChange(f"reader{n}", _declares(user_interests(n))) for n in range(scale.writes)]
    store.profiles.write_profiles(catalog.catalog_id, changes)
    unchanged, seen = [], []
    with matchcut(data, 1) as server, grpc.insecure_channel(server.address) as channel:
        stub = RecommendationServiceStub(channel)

        def recommended(user_id: str) -> list[str]:
            request = recommendation_pb.RecommendVideosRequest(user_id=user_id)
            answer = stub.RecommendVideos(request, timeout=DEADLINE_SECONDS)
            return [one.video_id for one in answer.recommendations]

        for change in changes:
            best = recommended(change.user_id)[0]
            unchanged.append(timed(recommended, change.user_id)[0])
            event = Event(f"{change.user_id}-liked", change.user_id, EventKind.LIKE, NOW, best)
            store.profiles.record_events(catalog.catalog_id, [event])
            start = time.perf_counter()
            while best in recommended(change.user_id):
                if time.perf_counter() - start > DEADLINE_SECONDS:
                    raise AssertionError("a video that the user has liked is recommended again and again")
            seen.append(time.perf_counter() - start)
    store.close()
    beside = ratio(median(seen) / median(unchanged), "the call before")
    what = "from an event to a recommendation that reflects it"
    yield Row(what, size, duration(median(seen)), p99_text(seen), beside)


def _many(scale: Scale, size: int) -> Iterator[Row]:
    """Measure a server that holds many users, beside one that holds none."""
    folder = _stored_users(size, scale.profiles)
    sizes = msgspec.json.decode((folder / "sizes.json").read_bytes(), type=_Sizes)
    with matchcut(data_folder(size)) as server:
        without = resident_bytes(server.process_id)
    calls = scale.rounds * scale.calls
    chance = random.Random(SEED)
    anyone = [chance.randrange(scale.profiles) for _ in range(calls)]
    active = [number - number % TENTH for number in (chance.randrange(scale.profiles) for _ in range(calls))]
    requests = {"anyone": _stored(anyone), "active": _stored(active), "given": _given(anyone)}
    took: dict[str, list[float]] = {kind: [] for kind in requests}
    with matchcut(folder / "data") as server:
        before = resident_bytes(server.process_id)
        for start in range(0, calls, scale.calls):
            for kind, messages in requests.items():
                part = messages[start : start + scale.calls]
                took[kind] += send(Load(server.address, _RECOMMEND, part, 1, len(part))).calls
        after = resident_bytes(server.process_id)
    users = f"{scale.profiles:,} stored users"
    profile = (sizes.profiles - sizes.videos) / scale.profiles
    event = (sizes.events - sizes.profiles) / (scale.profiles // TENTH * EVENTS)
    yield Row(f"{users}, on the disk", size, amount(profile, "B/user"), "", f"{amount(event, 'B')} an event more")
    yield Row(f"{users}, memory of the server", size, amount(before / 1e6, "MB"), "", ratio(before / without, "none"))
    yield Row(
        f"  after {3 * calls:,} recommendations", size, amount(after / 1e6, "MB"), "", ratio(after / without, "none")
    )
    given = median(took["given"])
    for kind, what in (("anyone", "one at random"), ("active", f"one with {EVENTS} events")):
        beside = ratio(median(took[kind]) / given, "interests given")
        name = f"RecommendVideos for a stored user, {what}"
        yield Row(name, size, duration(median(took[kind])), duration(p99(took[kind])), beside)
    yield Row("  for the interests given", size, duration(given), duration(p99(took["given"])))


def _stored_users(size: int, users: int) -> Path:
    """Return a folder with a data folder of a catalog and so many users, and the sizes of its parts."""
    made_from = data_folder(size).name.rpartition(".")[2]  # not its database, which servers may write to
    version = f"{fingerprint('users.py', 'vocabulary.py', 'drawing.py')}-{made_from}"
    return cached(f"users-{users}-{size}", version, lambda folder: _fill(folder, size, users))


def _fill(folder: Path, size: int, users: int) -> None:
    data = folder / "data"
    shutil.copytree(data_folder(size), data)
    store = SqliteStore(data)
    store.write_connection.execute("PRAGMA synchronous = OFF")  # what is lost in a crash is made again
    catalog = store.catalog(DEFAULT_CATALOG)
    assert catalog is not None
    videos = _disk_bytes(store, data)
    for start in range(0, users, BATCH):
        numbers = range(start, min(start + BATCH, users))
        changes = [ProfileChange(_user_id(n), _declares(user_interests(n))) for n in numbers]
        store.profiles.write_profiles(catalog.catalog_id, changes)
    declared = _disk_bytes(store, data)
    step = TENTH * BATCH // EVENTS
    chance = random.Random(SEED)
    for start in range(0, users, step):
        active = range(start, min(start + step, users), TENTH)
        events = [_event(f"{n}-{i}", _user_id(n), chance, size) for n in active for i in range(EVENTS)]
        store.profiles.record_events(catalog.catalog_id, events)
    sizes = _Sizes(videos, declared, _disk_bytes(store, data))
    store.close()
    (folder / "sizes.json").write_bytes(msgspec.json.encode(sizes))


def _disk_bytes(store: SqliteStore, data: Path) -> int:
    store.write_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return (data / FILE_NAME).stat().st_size


def _user_id(number: int) -> str:
    return f"user{number:07d}"


def _stored(numbers: Sequence[int]) -> list[bytes]:
    requests = (recommendation_pb.RecommendVideosRequest(user_id=_user_id(number)) for number in numbers)
    return [request.SerializeToString() for request in requests]


def _given(numbers: Sequence[int]) -> list[bytes]:
    """Return requests with the interests that the users have declared."""
    lists = (interest_list(user_interests(number)) for number in numbers)
    return [recommendation_pb.RecommendVideosRequest(interests=own).SerializeToString() for own in lists]


def _declares(interests: Sequence[Interest]) -> Callable[[Declared | None], Declared]:
    declared = Declared(tuple(interests))
    return lambda _: declared


def _batch_events(number: int, size: int) -> list[Event]:
    """Return a batch of events that no other batch has, of some users."""
    chance = random.Random(SEED + number)
    users = BATCH // _EVENTS_OF_A_BATCH_USER
    return [_event(f"batch{number}-{i}", f"watcher{number}-{i % users}", chance, size) for i in range(BATCH)]


def _event(event_id: str, user_id: str, chance: random.Random, size: int) -> Event:
    watched = video_id(chance.randrange(size))
    time = NOW - chance.randrange(60 * 86_400)
    return Event(event_id, user_id, EventKind.VIEW, time, watched, watched_share=round(chance.random(), 2))


def _batch_changes(number: int) -> list[ProfileChange]:
    users = range(number * BATCH, (number + 1) * BATCH)
    return [ProfileChange(f"declared{user}", _declares(user_interests(user))) for user in users]


def _events_request(events: Sequence[Event]) -> bytes:
    return pb.RecordEventsRequest(
        events=[
            pb.Event(
                event_id=event.event_id,
                user_id=event.user_id,
                video_id=event.video_id,
                kind=pb.EVENT_KIND_VIEW,
                event_time=Timestamp(seconds=int(event.time)),
                watched_share=event.watched_share or 0.0,
            )
            for event in events
        ]
    ).SerializeToString()


def _profiles_request(number: int) -> bytes:
    users = range(number * BATCH, (number + 1) * BATCH)
    return pb.UpsertProfilesRequest(
        profiles=[
            pb.Profile(user_id=f"declared{user}", interests=interest_list(user_interests(user)).interests)
            for user in users
        ]
    ).SerializeToString()


@cache
def _pool() -> list[list[Interest]]:
    return profiles(_POOL)
