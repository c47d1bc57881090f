"""Insights in another language: words that mean nothing, but the same ones each time."""

import hashlib
from typing import Any

LANGUAGES = {
    "Arabic": "ar-EG",
    "Chinese": "zh-Hans",
    "English": "en-US",
    "French": "fr-FR",
    "German": "de-DE",
    "Hebrew": "he-IL",
    "Italian": "it-IT",
    "Japanese": "ja-JP",
    "Portuguese": "pt-BR",
    "Russian": "ru-RU",
    "Spanish": "es-ES",
}
"""By the names that the samples pass; a BCP-47 tag is taken as well."""

_TEXTS = {"transcript": "text", "keywords": "text", "topics": "name", "labels": "name"}
"""The translated insights, and where their text is; all others stay as they are."""

_ALPHABETS = {"ar": (0x0628, 24), "he": (0x05D0, 27), "ja": (0x304B, 60), "ru": (0x0430, 32), "zh": (0x5C71, 400)}
"""By language: the first letter, and how many follow it."""
_LATIN = (ord("a"), 26)


def language_tag(asked: str) -> str | None:
    """Return the BCP-47 tag of a language that is asked for by name or tag; None if there is none."""
    named = {name.lower(): tag for name, tag in LANGUAGES.items()}
    tags = {tag.lower(): tag for tag in (*LANGUAGES.values(), "en-GB")}
    return named.get(asked.lower()) or tags.get(asked.lower())


def translated(text: str, language: str) -> str:
    """Translate a text word by word, each to the same made-up word everywhere; some texts begin with a capital then."""
    words = " ".join(_word(word, language) for word in text.lower().split())
    return words.capitalize() if _digest(text, language)[0] % 2 else words


def translate(document: dict[str, Any], language: str) -> None:
    """Translate a document in place: ids, confidences, times and `sourceLanguage` stay."""
    for video in document.get("videos", ()):
        insights = video.get("insights")
        if not insights or insights.get("language") == language:
            continue
        for name, field in _TEXTS.items():
            for entry in insights.get(name, ()):
                entry[field] = translated(entry[field], language)
                entry["language"] = language
        for holder in (insights, video):
            holder["language"] = language
            holder["languages"] = [language]


def _word(word: str, language: str) -> str:
    first, count = _ALPHABETS.get(language[:2], _LATIN)
    return "".join(chr(first + number % count) for number in _digest(word, language))


def _digest(text: str, language: str) -> bytes:
    return hashlib.blake2b(f"{language} {text}".encode(), digest_size=6).digest()
