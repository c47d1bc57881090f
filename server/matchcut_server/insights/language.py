"""BCP-47 language tags in one spelling."""

import re
from functools import lru_cache

DEFAULT_LANGUAGE = "en-US"
MAX_LANGUAGE_LENGTH = 35

_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=10_000)
def canonical_language(tag: str) -> str | None:
    """Return `tag` in the usual case (`en-US`, `zh-Hans`), or None if it is not a language tag.

    Only the shape is checked, not whether the language exists: old documents write `En-US`, new languages appear.
    """
    if len(tag) > MAX_LANGUAGE_LENGTH or not _TAG.fullmatch(tag):
        return None
    first, *others = tag.replace("_", "-").split("-")
    return "-".join([first.lower(), *map(_subtag, others)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()  # a script
    if len(part) == 2 and part.isalpha():
        return part.upper()  # a region
    return part.lower()


def primary_language(tag: str) -> str:
    """Return the first part of a tag: `en` of `en-US`."""
    return tag.partition("-")[0].lower()
