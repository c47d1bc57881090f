"""The account that the stand-in keeps: its videos, as they are listed and read, and its tokens."""

import base64
import copy
import itertools
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.azure_stand_in.library import BEGINNING, StandInVideo, made_videos
from tests.azure_stand_in.view import choose

LOCATION = "eastus"
ACCOUNT_ID = "5f1c0a8e-3b7d-4e0a-9d55-0c7a4be1f2d3"
SUBSCRIPTION = "b04775c3-0000-4000-8000-139d2e5522d3"
RESOURCE_GROUP = "archive"
ACCOUNT_NAME = "archive-videos"
ENTRA_TOKEN = "entra-token-of-the-stand-in"


class Account:
    """One account; its methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float], token_seconds: float) -> None:
        self.lock = threading.RLock()
        self.removed: set[str] = set()
        self._clock = clock
        self._token_seconds = token_seconds
        self._videos: list[StandInVideo] = []
        self._projects: list[StandInVideo] = []
        self._tokens: dict[str, tuple[str, float]] = {}
        self._changes = itertools.count(1)

    # --- tokens ---

    def give_token(self, permission: str) -> str:
        """Return a new token with a permission, Reader or Contributor."""
        with self.lock:
            claims = json.dumps({"Permission": permission, "AccountId": ACCOUNT_ID, "number": len(self._tokens)})
            payload = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
            token = f"eyJhbGciOiJIUzI1NiJ9.{payload}.signature-of-the-stand-in"
            self._tokens[token] = (permission, self._clock() + self._token_seconds)
            return token

    def permission(self, token: str) -> str | None:
        """Return what a token allows: nothing (None), "Expired", "Reader" or "Contributor"."""
        with self.lock:
            permission, until = self._tokens.get(token, (None, 0.0))
            return permission if permission is None or self._clock() < until else "Expired"

    def expire_tokens(self) -> None:
        """Let every token given so far be past its time."""
        with self.lock:
            self._tokens = {token: (permission, self._clock()) for token, (permission, _) in self._tokens.items()}

    @property
    def tokens(self) -> list[str]:
        """Every token that was ever given."""
        with self.lock:
            return list(self._tokens)

    # --- videos ---

    def set_videos(self, videos: Iterable[StandInVideo] | int) -> None:
        """Replace the list."""
        given = made_videos(videos) if isinstance(videos, int) else [copy.copy(video) for video in videos]
        with self.lock:
            self._videos = given
            self.removed.clear()

    def set_projects(self, projects: Iterable[StandInVideo]) -> None:
        """Replace the list of projects."""
        with self.lock:
            self._projects = [copy.copy(one) for one in projects]

    def add(self, video: StandInVideo) -> None:
        """Put a video before all others, as created now."""
        with self.lock:
            new = copy.copy(video)
            new.created = new.last_modified = new.last_indexed = self._now()
            self._videos.insert(0, new)

    def find(self, video_id: str, *, project: bool = False) -> StandInVideo | None:
        """Return a video, or a project, if it is there."""
        with self.lock:
            return next((one for one in (self._projects if project else self._videos) if one.id == video_id), None)

    def get(self, video_id: str) -> StandInVideo:
        """Return a video; raises KeyError."""
        video = self.find(video_id)
        if video is None:
            raise KeyError(video_id)
        return video

    def ids(self, state: str | None = None) -> list[str]:
        """Return the ids in a state, or all, as they are listed."""
        with self.lock:
            return [video.id for video in self._videos if state in {None, video.state}]

    def in_work(self) -> list[str]:
        """Return the ids of those that somebody waits for."""
        with self.lock:
            return [video.id for video in self._videos if video.in_work]

    def index_again(self, video_id: str, state: str = "Processed") -> None:
        """Give a video new keywords, and end in this state."""
        with self.lock:
            video = self.get(video_id)
            video.revision += 1
            video.state = state
            video.last_indexed = video.last_modified = self._now()

    def set_state(self, video_id: str, state: str) -> None:
        """Give a video another state; it is indexed if that is Processed."""
        with self.lock:
            video = self.get(video_id)
            video.state = state
            video.in_work = False
            video.last_modified = self._now()
            if state == "Processed":
                video.last_indexed = video.last_modified

    def rename(self, video_id: str, name: str) -> None:
        """Change a name, without indexing."""
        with self.lock:
            video = self.get(video_id)
            video.name = name
            video.last_modified = self._now()

    def delete(self, video_id: str, *, removed: bool = False) -> None:
        """Take a video away; `removed` ones are remembered."""
        with self.lock:
            self._videos.remove(self.get(video_id))
            if removed:
                self.removed.add(video_id)

    # --- what is answered ---

    def listed(self, *, projects: bool = False) -> list[dict[str, Any]]:
        """Return all entries of the list."""
        with self.lock:
            return [_entry(video) for video in (self._projects if projects else self._videos)]

    def document(self, video: StandInVideo, query: Mapping[str, str], *, filters: bool = True) -> dict[str, Any]:
        """Return the document of a video, as a query asks for it; raises Refusal."""
        with self.lock:
            seen = copy.copy(video)
        document = seen.make(seen.revision)
        document.update(id=seen.id, name=seen.name, state=seen.state, accountId=ACCOUNT_ID)
        document.setdefault("created", timestamp(seen.created))
        for one in document.get("videos", ()):
            one["accountId"] = ACCOUNT_ID
            if seen.state != "Processed":
                progress = "42%" if seen.state == "Processing" else ""
                one.update(state=seen.state, processingProgress=progress, insights=None)
        choose(document, query, filters=filters)
        return document

    def _now(self) -> datetime:
        """Return a time later than all before; a minute passes with each change."""
        return BEGINNING + timedelta(days=365, minutes=next(self._changes))


def timestamp(time: datetime) -> str:
    """Write a time as Video Indexer does, with seven digits of a second."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond:06d}7+00:00"


def _entry(video: StandInVideo) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT_ID,
        "id": video.id,
        "partition": None,
        "externalId": video.external_id,
        "metadata": None,
        "name": video.name,
        "description": None,
        "created": timestamp(video.created),
        "lastModified": timestamp(video.last_modified),
        "lastIndexed": timestamp(video.last_indexed),
        "privacyMode": "Private",
        "userName": "Someone",
        "isOwned": True,
        "isBase": video.is_base,
        "hasSourceVideoFile": True,
        "state": video.state,
        "moderationState": "OK",
        "reviewState": "None",
        "processingProgress": "",
        "durationInSeconds": int(video.duration),
        "thumbnailVideoId": video.id,
        "searchMatches": [],
        "indexingPreset": "Default",
        "sourceLanguage": video.source_languages[0] if len(video.source_languages) == 1 else None,
        "sourceLanguages": list(video.source_languages),
    }
