"""The recorded answers; `python -m tests.answers.record` makes them anew, for when answers are meant to change."""

import json
import tempfile
from pathlib import Path
from typing import Any

from matchcut_client import MatchcutClient
from matchcut_server.app import configure_logs
from matchcut_server.settings import load_settings
from tests.answers.catalogs import CATALOGS, AskedCatalog
from tests.answers.query import Recorded, ask, statistics
from tests.answers.ways import in_memory, served

WIDTH = 120


def recorded(catalog: AskedCatalog) -> Recorded:
    """Return what a catalog has answered: its `statistics`, and the `answers` by the names of the queries."""
    recording: Recorded = json.loads(catalog.recording.read_bytes())
    return recording


def answers(catalog: AskedCatalog, client: MatchcutClient) -> Recorded:
    """Return what it answers now."""
    return {
        "statistics": statistics(client),
        "answers": {name: ask(client, query) for name, query in catalog.queries.items()},
    }


def laid_out(value: Any, indent: str = "") -> str:
    """Write JSON with one line for whatever fits into one."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) < WIDTH or not value or not isinstance(value, dict | list):
        return line
    deeper = f"{indent} "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name, ensure_ascii=False)}: {laid_out(own, deeper)}" for name, own in value.items()]
    else:
        parts = [laid_out(own, deeper) for own in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{end}"


def main() -> None:
    """Ask every catalog everything, and write down the answers."""
    configure_logs(load_settings(None, {"log_level": "error"}))
    with tempfile.TemporaryDirectory() as folder, served(in_memory, CATALOGS, Path(folder) / "data") as clients:
        for catalog in CATALOGS:
            catalog.recording.write_text(f"{laid_out(answers(catalog, clients[catalog.name]))}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
