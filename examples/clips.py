"""What a theme says about each of its videos, before any document is made of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clip:
    """One video of the catalog, described by hand.

    Attributes:
        slug: the file name without `.json`; also the seed of the video's id and of all its times, so a video stays
            as it is when others are added.
        title: what a reader sees.
        language: language tag of the keywords.
        minutes: length of the video.
        main: comma-separated keywords that are on screen longest.
        also: comma-separated keywords of single passages.
        created: day of upload, `yyyy-mm-dd`; empty for a day drawn from 2024.
        topics: comma-separated names from `vocabulary.TOPICS`; empty for the theme's own.
        source_language: the spoken language when the keywords were read in a translation; empty otherwise.
        copy_of: slug of the video this is a second upload of; empty otherwise.
        spoken: False for a video without a word, hence without keywords, topics and transcript.
    """

    slug: str
    title: str
    language: str
    minutes: float
    main: str = ""
    also: str = ""
    created: str = ""
    topics: str = ""
    source_language: str = ""
    copy_of: str = ""
    spoken: bool = True


@dataclass(frozen=True)
class Theme:
    """Videos that belong together, with the topics and labels they share (names from `vocabulary`)."""

    name: str
    topics: str
    labels: str
    clips: tuple[Clip, ...]


@dataclass(frozen=True)
class Part:
    """A passage of another video: `start` and `length` in whole seconds."""

    slug: str
    start: int
    length: int


@dataclass(frozen=True)
class Project:
    """A video cut together from passages of others; its keywords are theirs."""

    slug: str
    title: str
    created: str
    parts: tuple[Part, ...]


def listed(text: str) -> tuple[str, ...]:
    """The items of a comma-separated list, without empty ones."""
    return tuple(item.strip() for item in text.split(",") if item.strip())
