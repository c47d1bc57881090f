"""How profiles, events and credits are written in rows: MessagePack without what is left at its default."""

import msgspec
import numpy as np
from msgspec import Struct

from ...insights.timespan import Span
from ...profiles.model import Credit, Declared, Event, EventKind, ProfileSettings
from ...vectors.keyword_vector import TermBlock
from ...vectors.profile import Interest


class _Declared(Struct, frozen=True, omit_defaults=True):
    keywords: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    languages: tuple[str, ...] = ()
    """None at all if every one is empty."""
    attributes: dict[str, tuple[str, ...]] = {}
    targeting: bool = False
    share: float | None = None
    half_life: float | None = None


class _Details(Struct, frozen=True, omit_defaults=True):
    seconds: float | None = None
    share: float | None = None
    spans: tuple[Span, ...] = ()
    recommendation: str = ""
    promotion: str = ""
    weight: float = 1.0


class _Credit(Struct, frozen=True, array_like=True):
    phrase_keys: bytes
    phrase_frequencies: bytes
    word_keys: bytes
    word_frequencies: bytes
    texts: tuple[str, ...]


_encode = msgspec.msgpack.Encoder().encode
_decode_declared = msgspec.msgpack.Decoder(_Declared).decode
_decode_details = msgspec.msgpack.Decoder(_Details).decode
_decode_credit = msgspec.msgpack.Decoder(_Credit).decode
_decode_settings = msgspec.json.Decoder(ProfileSettings).decode

KIND_NUMBERS = {
    EventKind.IMPRESSION: 1,
    EventKind.VIEW: 2,
    EventKind.LIKE: 3,
    EventKind.DISLIKE: 4,
    EventKind.HIDE: 5,
}
_KINDS = {number: kind for kind, number in KIND_NUMBERS.items()}


def encode_profile_settings(settings: ProfileSettings) -> bytes:
    """Settings as JSON: few, and worth reading by eye."""
    return msgspec.json.encode(settings)


def decode_profile_settings(blob: bytes) -> ProfileSettings:
    """Undo `encode_profile_settings`."""
    return _decode_settings(blob)


def encode_declared(declared: Declared) -> bytes:
    """What a user has declared."""
    interests = declared.interests
    languages = tuple(one.language for one in interests)
    return _encode(
        _Declared(
            tuple(one.keyword for one in interests),
            tuple(one.weight for one in interests),
            languages if any(languages) else (),
            dict(declared.attributes),
            declared.targeting_allowed,
            declared.derived_share,
            declared.half_life_days,
        )
    )


def decode_declared(blob: bytes) -> Declared:
    """Undo `encode_declared`."""
    d = _decode_declared(blob)
    columns = (d.keywords, d.weights, d.languages) if d.languages else (d.keywords, d.weights)
    return Declared(tuple(map(Interest, *columns)), d.attributes, d.targeting, d.share, d.half_life)


def encode_details(event: Event) -> bytes:
    """Everything of an event that has no column of its own."""
    return _encode(
        _Details(
            event.watched_seconds,
            event.watched_share,
            event.watched_spans,
            event.recommendation_id,
            event.promotion_id,
            event.weight,
        )
    )


def decode_event(event_id: str, user_id: str, kind: int, time: float, video_id: str, details: bytes) -> Event:
    """Put an event together again. `kind`: as in `KIND_NUMBERS`."""
    d = _decode_details(details)
    return Event(
        event_id, user_id, _KINDS[kind], time, video_id,
        d.seconds, d.share, d.spans, d.recommendation, d.promotion, d.weight,
    )  # fmt: skip


def encode_credit(credit: Credit) -> bytes:
    """All of a credit."""
    return _encode(
        _Credit(
            credit.phrases.keys.astype("<u8").tobytes(),
            credit.phrases.frequencies.astype("<f4").tobytes(),
            credit.words.keys.astype("<u8").tobytes(),
            credit.words.frequencies.astype("<f4").tobytes(),
            credit.texts,
        )
    )


def decode_credit(blob: bytes) -> Credit:
    """Undo `encode_credit`."""
    c = _decode_credit(blob)
    return Credit(
        TermBlock(np.frombuffer(c.phrase_keys, dtype="<u8"), np.frombuffer(c.phrase_frequencies, dtype="<f4")),
        TermBlock(np.frombuffer(c.word_keys, dtype="<u8"), np.frombuffer(c.word_frequencies, dtype="<f4")),
        c.texts,
    )
