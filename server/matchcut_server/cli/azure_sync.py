"""The work of `matchcut azure sync`, for those who have the extra `azure`."""

import argparse
import asyncio
import time
from collections.abc import Callable

from rich.progress import Progress, TaskID

from matchcut_client import MatchcutClient, MatchcutError
from matchcut_server.azure.checkpoint import Checkpoint
from matchcut_server.azure.errors import AzureError, Stop
from matchcut_server.azure.sink import CatalogSink
from matchcut_server.azure.state import StateError
from matchcut_server.azure.summary import Outcome, Summary
from matchcut_server.azure.sync import Options, Sync
from matchcut_server.cli.azure_account import video_indexer
from matchcut_server.cli.azure_state import open_state
from matchcut_server.cli.connection import Screen, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.progress import progress_bar
from matchcut_server.cli.render import counted, plain, print_json

_SHOWN = {
    Outcome.REJECTED: "rejected",
    Outcome.FAILED: "failed",
    Outcome.GONE: "gone",
    Outcome.NOT_READY: "not ready",
}
"""In this order."""


def sync(arguments: argparse.Namespace) -> int:
    """Bring the catalog up to date; return 1 if any video was rejected."""
    with connect(arguments) as client:
        return asyncio.run(_sync(arguments, client))


async def _sync(arguments: argparse.Namespace, client: MatchcutClient) -> int:
    options = Options(arguments.language, arguments.mirror, arguments.dry_run, arguments.concurrency)
    async with video_indexer(arguments) as indexer:
        client.get_catalog(arguments.catalog)  # rather now than when the first videos are there
        with open_state(arguments, "state", ".db", Checkpoint) as checkpoint, progress_bar() as progress:
            observe = _observer(progress, progress.add_task("listing videos", total=None), lambda: indexer.requests)
            run = Sync(indexer, CatalogSink(client), checkpoint, options, lambda *how_many: observe(run, *how_many))
            trouble: Exception | None = None
            try:
                await run.run()
            except (AzureError, MatchcutError, StateError) as error:
                trouble = error
    said = "" if trouble is None else f"{trouble}; {trouble.advice}" if isinstance(trouble, Stop) else str(trouble)
    if arguments.json:
        _print_json(run.summary, said)
    elif trouble is None or run.summary.listed:
        _print(run.summary, dry_run=arguments.dry_run)
    if trouble is not None:
        raise Failure(f"{said}\nwhat was imported is kept; the next sync goes on from there") from trouble
    return 1 if run.summary.rejected else 0


def _observer(progress: Progress, task: TaskID, requests: Callable[[], int]) -> Callable[[Sync, int, int], None]:
    """Return what shows how far a sync is, and how fast it goes."""
    started = time.monotonic()

    def observe(run: Sync, done: int, left: int) -> None:
        rate = requests() / max(time.monotonic() - started, 1e-3)
        said = f"reading: {rate:.1f} requests/s, {left:,} left, {run.summary.rejected:,} rejected"
        progress.update(task, description=said, completed=done, total=done + left)

    return observe


def _print(summary: Summary, *, dry_run: bool) -> None:
    errors = Screen(errors=True)
    for outcome, shown in _SHOWN.items():
        for one in summary.not_taken:
            if one.outcome is outcome:
                name = f" ({one.name})" if one.name else ""
                errors.print(plain(f"{shown} {one.video_id}{name}: {one.reason}"), soft_wrap=True)
    kinds = ", ".join(f"{summary.count(outcome):,} {shown}" for outcome, shown in _SHOWN.items())
    if dry_run:
        would = f"{summary.to_take:,} to read, {summary.unchanged:,} unchanged, up to {summary.to_delete:,} to delete"
        print(f"{counted(summary.listed, 'video')} listed: {would}, {kinds} (dry run: nothing was written)")
        return
    done = (
        f"{summary.created:,} created, {summary.updated:,} updated, {summary.same:,} the same, "
        f"{summary.unchanged:,} unchanged, {summary.deleted:,} deleted"
    )
    print(f"{counted(summary.listed, 'video')} listed: {done}, {kinds}; {counted(summary.requests, 'request')}")


def _print_json(summary: Summary, trouble: str) -> None:
    answer = {
        "listed": summary.listed,
        "created": summary.created,
        "updated": summary.updated,
        "same": summary.same,
        "unchanged": summary.unchanged,
        "deleted": summary.deleted,
        "to_take": summary.to_take,
        "to_delete": summary.to_delete,
        **{outcome.lower(): summary.count(outcome) for outcome in _SHOWN},
        "requests": summary.requests,
        "not_taken": [one._asdict() for one in summary.not_taken],
        "trouble": trouble,
    }
    print_json(answer)
