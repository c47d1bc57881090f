"""Normalised text, which decides whether two keywords are the same."""

import unicodedata
from functools import lru_cache

import regex

_INVISIBLE = regex.compile(r"[\p{Bidi_Control}\p{Variation_Selector}\u200b-\u200d\u2060\ufeff\u00ad]")
_CONTROL = regex.compile(r"\p{Cc}")
_WORD_CHARACTER = regex.compile(r"[\p{L}\p{N}]")


@lru_cache(maxsize=100_000)
def normalise(text: str) -> str:
    """Fold what does not make a difference between keywords.

    Unicode NFKC, case-folded, bidi and zero-width controls, variation selectors and soft hyphens removed, white space
    collapsed. Folding may undo NFKC, so it is applied again; the result is a fixed point.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = text
    for _ in range(3):
        step = unicodedata.normalize("NFKC", _INVISIBLE.sub("", folded)).casefold()
        if step == folded:
            break
        folded = step
    return " ".join(folded.split())


def has_control(text: str) -> bool:
    """Tell whether text holds a control character; tabs and line ends are some too."""
    return not text.isprintable() and _CONTROL.search(text) is not None


def without_control(text: str) -> str:
    """Put spaces for the control characters that `has_control` looks for."""
    return _CONTROL.sub(" ", text)


def has_word(text: str) -> bool:
    """Tell whether text holds a letter or digit, so that it can match anything."""
    return text.isalnum() or _WORD_CHARACTER.search(text) is not None
