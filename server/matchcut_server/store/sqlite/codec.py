"""How videos are written in rows: MessagePack, arrays as little-endian bytes."""

import msgspec
import numpy as np
from msgspec import Struct

from ...insights.model import KeywordSet, Sources, Video
from ...vectors.keyword_vector import KeywordVector, SetCounts, TermBlock
from ...vectors.settings import CatalogSettings
from ...vectors.video import VideoFacts


class _Metadata(Struct, frozen=True, array_like=True):
    title: str
    duration: float
    published_time: float | None
    expire_time: float | None
    attributes: dict[str, tuple[str, ...]]


class _Sources(Struct, frozen=True, array_like=True):
    video_ids: tuple[str | None, ...]
    starts: bytes
    ends: bytes


class _Keywords(Struct, frozen=True, array_like=True):
    summarized: bool
    texts: tuple[str, ...]
    confidences: bytes
    bounds: bytes
    starts: bytes
    ends: bytes
    sources: _Sources | None


class _Vector(Struct, frozen=True, array_like=True):
    summarized: bool
    phrase_keys: bytes
    phrase_frequencies: bytes
    word_keys: bytes
    word_frequencies: bytes
    counts: SetCounts


_encode = msgspec.msgpack.Encoder().encode
_decode_metadata = msgspec.msgpack.Decoder(_Metadata).decode
_decode_keywords = msgspec.msgpack.Decoder(_Keywords).decode
_decode_vector = msgspec.msgpack.Decoder(_Vector).decode
_decode_settings = msgspec.json.Decoder(CatalogSettings).decode


def encode_settings(settings: CatalogSettings) -> bytes:
    """Settings as JSON: few, and worth reading by eye."""
    return msgspec.json.encode(settings)


def decode_settings(blob: bytes) -> CatalogSettings:
    """Undo `encode_settings`."""
    return _decode_settings(blob)


def encode_metadata(video: Video) -> bytes:
    """Everything of a video but its id and keyword sets."""
    return _encode(
        _Metadata(video.title, video.duration, video.published_time, video.expire_time, dict(video.attributes))
    )


def decode_video(video_id: str, metadata: bytes, keyword_sets: tuple[KeywordSet, ...]) -> Video:
    """Undo `encode_metadata`."""
    m = _decode_metadata(metadata)
    return Video(video_id, m.title, m.duration, m.published_time, m.expire_time, m.attributes, keyword_sets)


def decode_duration(metadata: bytes) -> float:
    """Read the duration of a video, in seconds, from its metadata."""
    return _decode_metadata(metadata).duration


def decode_facts(video_id: str, metadata: bytes, languages: tuple[str, ...], revision: int) -> VideoFacts:
    """Read what an index needs of the metadata."""
    m = _decode_metadata(metadata)
    return VideoFacts(video_id, m.duration, m.published_time, m.expire_time, m.attributes, languages, m.title, revision)


def encode_keywords(keyword_set: KeywordSet) -> bytes:
    """Everything of a keyword set but its language."""
    sources = keyword_set.sources
    return _encode(
        _Keywords(
            keyword_set.summarized,
            keyword_set.texts,
            keyword_set.confidences.astype("<f8", copy=False).tobytes(),
            keyword_set.bounds.astype("<i4", copy=False).tobytes(),
            keyword_set.starts.astype("<f8", copy=False).tobytes(),
            keyword_set.ends.astype("<f8", copy=False).tobytes(),
            None
            if sources is None
            else _Sources(
                sources.video_ids,
                sources.starts.astype("<f8", copy=False).tobytes(),
                sources.ends.astype("<f8", copy=False).tobytes(),
            ),
        )
    )


def decode_keywords(language: str, blob: bytes) -> KeywordSet:
    """Undo `encode_keywords`."""
    stored = _decode_keywords(blob)
    sources = stored.sources
    instances = (
        np.frombuffer(stored.bounds, dtype="<i4"),
        np.frombuffer(stored.starts, dtype="<f8"),
        np.frombuffer(stored.ends, dtype="<f8"),
        None
        if sources is None
        else Sources(
            sources.video_ids, np.frombuffer(sources.starts, dtype="<f8"), np.frombuffer(sources.ends, dtype="<f8")
        ),
    )
    confidences = np.frombuffer(stored.confidences, dtype="<f8")
    return KeywordSet.of_columns(language, stored.texts, confidences, instances, stored.summarized)


def encode_vector(vector: KeywordVector) -> bytes:
    """Everything of a vector but its language."""
    return _encode(
        _Vector(
            vector.summarized,
            vector.phrases.keys.astype("<u8").tobytes(),
            vector.phrases.frequencies.astype("<f4").tobytes(),
            vector.words.keys.astype("<u8").tobytes(),
            vector.words.frequencies.astype("<f4").tobytes(),
            vector.counts,
        )
    )


def decode_vector(language: str, blob: bytes) -> KeywordVector:
    """Undo `encode_vector`."""
    v = _decode_vector(blob)
    return KeywordVector(
        language,
        v.summarized,
        TermBlock(np.frombuffer(v.phrase_keys, dtype="<u8"), np.frombuffer(v.phrase_frequencies, dtype="<f4")),
        TermBlock(np.frombuffer(v.word_keys, dtype="<u8"), np.frombuffer(v.word_frequencies, dtype="<f4")),
        v.counts,
    )
