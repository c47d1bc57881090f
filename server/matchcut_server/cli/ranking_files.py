"""Ranking settings in files: as JSON, by the names that `matchcut scenario show --json` prints."""

import sys
from pathlib import Path
from typing import Any

import msgspec

from matchcut_client import RankingSettings, Scenario
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.sources import STANDARD_INPUT


def read_ranking(option: str, path: str) -> Scenario:
    """Read settings, or a whole scenario, from a file or standard input; settings are named as their file.

    Raises `Failure` that names the option, also for names that are no settings.
    """
    try:
        content = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
        given = msgspec.json.decode(content)
    except OSError as error:
        raise Failure(f"{option} {path}: cannot be read: {error.strerror or error}", code=2) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Failure(f"{option} {path}: {error}", code=2) from error
    name = Path(path).stem
    if isinstance(given, dict) and "ranking" in given:
        name = str(given.get("name", name))
        given = given["ranking"]
    return Scenario(name, ranking_of_json(f"{option} {path}", given))


def ranking_of_json(where: str, given: Any) -> RankingSettings:
    """Read settings that are decoded already. Raises `Failure` that says where they come from."""
    try:
        ranking = msgspec.convert(given, RankingSettings)
    except msgspec.MsgspecError as error:
        raise Failure(f"{where}: {error}", code=2) from error
    unknown = unknown_name(given, msgspec.to_builtins(ranking))
    if unknown:
        raise Failure(f"{where}: {unknown} is not known; `matchcut scenario show --json` has all names", code=2)
    return ranking


def unknown_name(given: Any, taken: Any, path: str = "") -> str:
    """Return the path of the first name that was not taken; empty if there is none."""
    if isinstance(given, dict) and isinstance(taken, dict):
        inner = [(f"{path}.{name}" if path else name, given[name], taken.get(name, given)) for name in given]
        for where, value, own in inner:
            found = where if own is given else unknown_name(value, own, where)
            if found:
                return found
    elif isinstance(given, list) and isinstance(taken, list | tuple):
        for i, (value, own) in enumerate(zip(given, taken, strict=True)):
            found = unknown_name(value, own, f"{path}[{i}]")
            if found:
                return found
    return ""
