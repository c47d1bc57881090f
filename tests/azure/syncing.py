"""Syncs of a stand-in into catalogs of a real server, without waiting."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matchcut_client import MatchcutClient, Video, VideoView
from matchcut_server.azure.checkpoint import Checkpoint
from matchcut_server.azure.sink import CatalogSink, Sink
from matchcut_server.azure.summary import Summary
from matchcut_server.azure.sync import Options, Sync
from tests.azure.fakes import client as indexer_of
from tests.azure_stand_in.control import StandIn

_numbers = itertools.count(1)


@dataclass
class Catalog:
    """A catalog that is brought up to date with a stand-in."""

    client: MatchcutClient
    azure: StandIn
    state: Path
    last: Summary = field(default_factory=Summary)
    """What the last sync has done, also if it has failed."""

    def sync(
        self,
        *languages: str,
        sink: Callable[[Sink], Sink] = lambda sink: sink,
        mirror: bool = False,
        dry_run: bool = False,
        concurrency: int = 8,
        **more: Any,
    ) -> Summary:
        """Sync once; parts may be wrapped. The requests of the stand-in are counted anew."""
        self.azure.requests.clear()
        options = Options(languages, mirror, dry_run, concurrency)

        async def run() -> Summary:
            async with indexer_of(self.azure, **more) as opened:
                with Checkpoint(self.state, "the stand-in") as known:
                    work = Sync(opened, sink(CatalogSink(self.client)), known, options)
                    self.last = work.summary
                    return await work.run()

        return asyncio.run(run())

    def videos(self) -> dict[str, Video]:
        """Return all videos of the catalog, whole."""
        return {video.video_id: video for video in self.client.iter_videos(view=VideoView.FULL, page_size=1000)}

    def ids(self) -> set[str]:
        """Return the ids of all videos of the catalog, each of which is there once."""
        listed = [video.video_id for video in self.client.iter_videos(page_size=1000)]
        assert len(set(listed)) == len(listed)
        return set(listed)

    def keywords(self) -> dict[str, dict[str, set[str]]]:
        """Return the keywords of all videos, by id and language."""
        return {
            video_id: {one.language: {keyword.text for keyword in one.keywords} for one in video.keyword_sets}
            for video_id, video in self.videos().items()
        }

    def expected(self, *languages: str) -> dict[str, dict[str, set[str]]]:
        """Return the keywords that the stand-in has, of all processed videos."""
        found: dict[str, dict[str, set[str]]] = {}
        for video_id in self.azure.ids("Processed"):
            for language in (None, *languages):
                for video in self.azure.document(video_id, language)["videos"]:
                    insights = video["insights"]
                    texts = {keyword["text"] for keyword in insights.get("keywords", ())}
                    found.setdefault(video_id, {})[insights["language"]] = texts
        return found


def new_catalog(address: str, azure: StandIn, folder: Path) -> Catalog:
    """Make a catalog; its client is to be closed."""
    name = f"synced-{next(_numbers)}"
    client = MatchcutClient(address, catalog=name, channels=1)
    client.create_catalog(name)
    return Catalog(client, azure, folder / f"{name}.db")
