"""Made insights: keywords in the manner of real ones, and as much of everything else as is wanted."""

import random
from collections.abc import Sequence
from typing import Any

from tests.azure_stand_in.translation import translated

_WORDS = """
airport apple archive artist autumn bakery bank basket battery beach bicycle bird border bottle bridge budget butter
camera campaign canal candle castle cathedral cheese chess choir cinema circus climate coast coffee comedy company
concert cotton court cricket dance desert design director doctor dragon drama engine england estate factory farm
fashion festival fiction film fishing flood flower football forest fossil furniture gallery garden glacier glass
guitar harbour harvest heritage history hockey honey horse hospital hotel insect island jazz journey judge kitchen
kite lake language lantern laptop lemon library lighthouse London machine magazine market medicine meteor microscope
minister mirror mountain museum mushroom music novel ocean office opera orchard orchestra painting parliament pepper
piano planet poetry pottery printer prison queen railway rainbow recipe reef river robot rocket sailing satellite
school science sculpture season shadow silver soldier spider stadium station storm student summer sunset surgery
teacher telescope tennis theatre tiger tourism tractor train translation treasure tunnel turbine university valley
vaccine village violin volcano voyage watch weather wedding whale window winter woodland writer yoghurt zebra
"""
WORDS = tuple(_WORDS.split())

FLOOR = 0.6211
"""The confidence of nearly half of all real keywords."""


def time_string(seconds: float) -> str:
    """Write seconds as Video Indexer does: no zero before the hours, no fraction where there is none."""
    millis = round(seconds * 1000)
    whole, rest = divmod(millis, 1000)
    fraction = f".{rest:03d}".rstrip("0") if rest else ""
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}{fraction}"


def made_insights(
    chance: random.Random, seconds: float, sources: Sequence[str], *, keywords: int = 20, dense: bool = False
) -> dict[str, Any]:
    """Make the insights of a video; `sources` begins with the language that is spoken most.

    An insight with no result has no key, as in real ones. `dense` ones have about 70 kB a minute.
    """
    language = sources[0]
    made = {
        "keywords": _keywords(chance, seconds, keywords, language),
        "transcript": _lines(chance, seconds, language, every=4.0),
        "ocr": _lines(chance, seconds, language, every=0.35 if dense else 20.0),
        "labels": _named(chance, seconds, 60 if dense else 3, every=20.0),
        "topics": _named(chance, seconds, 10 if dense else 2, every=60.0),
        "shots": _named(chance, seconds, 40 if dense else 1, every=30.0),
    }
    return {
        "version": "1.0.0.0",
        "duration": time_string(seconds),
        "sourceLanguage": language if len(sources) == 1 else None,
        "sourceLanguages": list(sources),
        "language": language,
        "languages": [language],
        **{name: entries for name, entries in made.items() if entries},
        "textualContentModeration": {"id": 0, "bannedWordsCount": 0, "bannedWordsRatio": 0, "instances": []},
        "statistics": {"correspondenceCount": 0, "speakerWordCount": {"1": 12}},
    }


def _keywords(chance: random.Random, seconds: float, count: int, language: str) -> list[dict[str, Any]]:
    texts: dict[str, None] = {}
    while len(texts) < count:
        text = " ".join(chance.sample(WORDS, 1 if chance.random() < 0.75 else 2)).lower()
        texts[text if language.startswith("en") else translated(text, language).lower()] = None
    confidences = sorted(
        (FLOOR if chance.random() < 0.45 else round(chance.uniform(FLOOR, 0.9975), 4) for _ in texts), reverse=True
    )
    return [
        {
            "id": number,
            "text": text,
            "confidence": confidence,
            "language": language,
            "instances": [_instance(chance, seconds) for _ in range(chance.randint(1, 6))],
        }
        for number, (text, confidence) in enumerate(zip(texts, confidences, strict=True), start=1)
    ]


def _lines(chance: random.Random, seconds: float, language: str, every: float) -> list[dict[str, Any]]:
    """Make lines of text: spoken, or read from the picture."""
    return [
        {
            "id": number,
            "text": " ".join(chance.choices(WORDS, k=10)),
            "confidence": round(chance.random(), 4),
            "speakerId": 1,
            "language": language,
            "instances": [_span((number - 1) * every, min(number * every, seconds))],
        }
        for number in range(1, int(seconds / every) + 1)
    ]


def _named(chance: random.Random, seconds: float, count: int, every: float) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": chance.choice(WORDS),
            "language": "en-US",
            "instances": [{"confidence": 0.9, **_instance(chance, seconds)} for _ in range(1 + int(seconds / every))],
        }
        for number in range(1, count + 1)
    ]


def _instance(chance: random.Random, seconds: float) -> dict[str, str]:
    start = chance.uniform(0, max(seconds - 8, 0))
    return _span(start, min(start + chance.uniform(0.1, 8), seconds))


def _span(start: float, end: float) -> dict[str, str]:
    first, last = time_string(start), time_string(end)
    return {"adjustedStart": first, "adjustedEnd": last, "start": first, "end": last}
