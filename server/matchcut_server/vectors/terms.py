"""Terms: what is matched. A keyword gives one phrase term and one word term for each of its words."""

import threading
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import regex
import Stemmer

from ..insights.language import primary_language
from ..insights.text import normalise

# Scripts that are written without spaces between words. The script decides, not the language tag, which may be wrong.
_SPACELESS = (
    r"\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}"
    r"\p{Script=Myanmar}\u30fc"
)

# A run of these, which is the group; or a word: a run of other letters, marks, digits and underscores with at least one
# letter or digit. An apostrophe may stand inside it, and `+` and `#` at its end: c, c++ and c# are three things.
_WORD = regex.compile(
    rf"([[{_SPACELESS}]&&[\p{{L}}\p{{N}}]][{_SPACELESS}\p{{M}}]*+)"
    rf"|[\p{{M}}_]*+[[\p{{L}}\p{{N}}]--[{_SPACELESS}]][[\p{{L}}\p{{M}}\p{{N}}_]--[{_SPACELESS}]]*+"
    rf"(?:'[[\p{{L}}\p{{M}}\p{{N}}_]--[{_SPACELESS}]]++)*+[+#]*+",
    regex.VERSION1,
)
_CLUSTER = regex.compile(r"\X")

_stemmers = threading.local()
"""The stemmers of a thread, by name."""

_STEMMER_OF_LANGUAGE = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
"""BCP-47 primary language to Snowball algorithm."""


class Terms(NamedTuple):
    """The terms of one keyword. Both empty if it has no letter or digit."""

    phrase: str
    """Its stemmed words in order, separated by spaces."""
    words: tuple[str, ...]
    """Its stemmed words in order."""


def stemmer_name(language: str) -> str:
    """Name the stemmer for a BCP-47 tag; empty where Snowball has none, so that words stay as they are."""
    return _STEMMER_OF_LANGUAGE.get(primary_language(language), "")


def split_keyword(text: str, stemmer: str) -> Terms:
    """Split a keyword into terms with the stemmer of that name (see `stemmer_name`)."""
    stems = _stem(_words(normalise(text).replace("’", "'")), stemmer)
    return Terms(" ".join(stems), tuple(stems))


@lru_cache(maxsize=50_000)
def keyword_terms(text: str, stemmer: str) -> Terms:
    """Split a keyword as `split_keyword` does, and remember the result for the next time."""
    return split_keyword(text, stemmer)


def _words(text: str) -> list[str]:
    words = text.split()
    if text.isascii() and all(map(str.isalnum, words)):
        return words  # what most keywords are
    words = []
    for found in _WORD.finditer(text):
        words.extend(_bigrams(found[1]) if found[1] else [found[0]])
    return words


def _bigrams(run: str) -> list[str]:
    """Pair neighbouring characters, marks kept with their base."""
    characters = _CLUSTER.findall(run)
    if len(characters) < 2:
        return characters
    return [first + second for first, second in pairwise(characters)]


def _stem(words: list[str], stemmer: str) -> list[str]:
    if not stemmer:
        return words
    # A stemmer keeps state while it works, so that threads must not share one.
    own: dict[str, Stemmer.Stemmer] = _stemmers.__dict__
    if stemmer not in own:
        own[stemmer] = Stemmer.Stemmer(stemmer, 0)
    stems: list[str] = own[stemmer].stemWords(words)
    return [stem or word for stem, word in zip(stems, words, strict=True)]  # some short words are all suffix
