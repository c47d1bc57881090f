"""Files of standing interests: JSON, by the names that `matchcut standing list --json` prints."""

from contextlib import suppress
from typing import Any

import msgspec

from matchcut_client import MatchcutClient, StandingInterest
from matchcut_server.cli.ranking_files import unknown_name
from matchcut_server.cli.sending import Chunk, Summary

_ID = "standing_interest_id"


def send_standing(client: MatchcutClient, chunk: Chunk) -> Summary:
    """Write the standing interests of some documents, each of which is one or a list of them."""
    summary = Summary()
    named: list[tuple[str, StandingInterest]] = []
    for document in chunk:
        if document.problem:
            summary.reject(document.name, document.problem)
            continue
        try:
            given = msgspec.json.decode(document.content)
        except ValueError as error:  # not JSON, or not UTF-8
            summary.reject(document.name, f"not JSON: {error}")
            continue
        for name, one in _items(document.name, given):
            try:
                named.append((name, _read(one)))
            except ValueError as error:
                summary.reject(name, f"not a standing interest: {error}")
    if named:
        results = client.upsert_standing_interests(standing for _, standing in named).results
        for (name, _), result in zip(named, results, strict=True):
            summary.add(name, result)
    return summary


def standing_ids(chunk: Chunk) -> set[str]:
    """Return the ids of the standing interests of some documents, as far as they can be read."""
    found = set()
    for document in chunk:
        with suppress(ValueError):
            for _, one in _items(document.name, msgspec.json.decode(document.content)):
                if isinstance(one, dict) and isinstance(one.get(_ID), str):
                    found.add(one[_ID])
    return found


def _items(name: str, given: Any) -> list[tuple[str, Any]]:
    """Return what a document holds, each with its name."""
    if isinstance(given, list):
        return [(f"{name}[{place}]", one) for place, one in enumerate(given)]
    return [(name, given)]


def _read(given: Any) -> StandingInterest:
    """Read a standing interest. Raises `ValueError`, also for names that are not known."""
    standing = msgspec.convert(given, StandingInterest)
    unknown = unknown_name(given, msgspec.to_builtins(standing))
    if unknown:
        message = f"{unknown} is not known; `matchcut standing list --json` has all names"
        raise ValueError(message)
    return standing
