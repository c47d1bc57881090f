"""A stand-in of the Video Indexer API on a free port of the loopback interface, and what a test tells it to do.

    from tests.azure_stand_in.control import stand_in
    from tests.azure_stand_in.faults import Fault, Faults
    from tests.azure_stand_in.library import StandInVideo, large_video, made_videos, project, real_videos

    with stand_in(made_videos(200)) as azure:
        azure.url                  base URL, of the API and of Azure Resource Manager alike: "http://127.0.0.1:40123"
        azure.location             "eastus"; with azure.account_id the path of every API call
        azure.token()              a new access token, good for `token_seconds` (3,600) of the stand-in's clock;
                                   token("Contributor") may also upload and index again
        azure.arm_path             where POST, with `Authorization: Bearer {azure.entra_token}`, generates a token;
                                   azure.subscription, azure.resource_group and azure.account_name are its parts
        azure.secrets              every token there was: none may be found in anything that is written
        azure.expire_tokens()      every token given so far answers 401 ACCESS_TOKEN_EXPIRED from now on
        azure.refusal = 403        every API call is refused, as one that is not allowed (401 or 403), until it is None

        azure.set_videos(videos)   what is listed, newest first; a number makes so many
        azure.set_projects(...)    listed by List Projects only
        azure.add(video)           one more, as the first of the list; the upload call does the same
        azure.reindex(id)          new keywords under the same id; lastIndexed and lastModified move
        azure.rename(id, name)     lastModified moves, lastIndexed does not
        azure.set_state(id, "Failed")
        azure.delete(id)           gone from the list, its index answers 404 BREAKDOWN_NOT_FOUND; with removed=True
                                   400 VIDEO_REMOVED instead
        azure.ids("Processed")     the ids in this state, or all, in the order of the list
        azure.document(id, language=None)     the whole document as it is now (a dict)

        azure.faults = Faults(rate=0.3, seed=7, kinds={Fault.CUT, Fault.DROPPED}, calls={"index"})
                                   the same requests meet the same faults in every run, in whatever order they arrive;
                                   at most `in_a_row` (3) for one request. Without `kinds`, all but TRUNCATED
        azure.limits = Limits(per_second=10, per_minute=120)
                                   more are answered 429; by default nothing is throttled
        with azure.held("index"):  answers of this kind wait until the block is left
        azure.before = function    called with each Request before it is answered, in the thread of the stand-in; it
                                   may change anything, such as the list between two pages

        azure.requests             what has arrived, of the kinds "videos", "projects", "index", "project", "token",
                                   "upload", "reindex", "delete" and "other": Request(kind, time, method, path, query,
                                   headers, video_id, status, fault) in order of arrival; list(azure.requests),
                                   .count("index"), .times("index"), .videos("index"), .most_at_once, .clear(),
                                   .wait_for("index", 3)
        azure.finish_indexing(*ids, state="Processed", repeats=1, seed=None)
                                   ends the indexing of uploaded videos and POSTs id and state to each one's
                                   callbackUrl, if it has any, `repeats` times, shuffled by `seed`; returns the status
                                   codes (0: not reached)
        azure.in_work()            the ids of those that were uploaded or indexed again by a call, and are not ended
        azure.notify(id, state)    only the POST, whatever is true; notify_person(id) is that about a recognised face

A StandInVideo may be given a `callback_url`; `azure.add` then needs no upload call. `stand_in(filters=False)` ignores
includedInsights and its like, so that large documents come whole. The clock of tokens and limits can be given:
`stand_in(clock=function)`, seconds.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.azure_stand_in import account as constants
from tests.azure_stand_in.account import Account
from tests.azure_stand_in.app import App
from tests.azure_stand_in.callback import post, with_query
from tests.azure_stand_in.faults import Faults
from tests.azure_stand_in.library import StandInVideo
from tests.azure_stand_in.record import Request, Requests
from tests.azure_stand_in.server import Server, running
from tests.azure_stand_in.throttle import Limits


class StandIn:
    """What a test holds of a stand-in: see the module."""

    location = constants.LOCATION
    account_id = constants.ACCOUNT_ID
    subscription = constants.SUBSCRIPTION
    resource_group = constants.RESOURCE_GROUP
    account_name = constants.ACCOUNT_NAME
    entra_token = constants.ENTRA_TOKEN
    arm_path = (
        f"/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/Microsoft.VideoIndexer/accounts/"
        f"{account_name}/generateAccessToken"
    )

    def __init__(self, account: Account, app: App, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.api_path = f"/{self.location}/Accounts/{self.account_id}"
        self._account = account
        self._app = app
        self.set_videos = account.set_videos
        self.set_projects = account.set_projects
        self.add = account.add
        self.reindex = account.index_again
        self.rename = account.rename
        self.set_state = account.set_state
        self.delete = account.delete
        self.ids = account.ids
        self.in_work = account.in_work
        self.expire_tokens = account.expire_tokens

    @property
    def requests(self) -> Requests:
        """What has arrived."""
        return self._app.requests

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self._app.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._app.faults = faults

    @property
    def limits(self) -> Limits:
        """How much is taken."""
        return self._app.throttle.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._app.throttle.limits = limits

    @property
    def refusal(self) -> int | None:
        """The status with which every API call is refused."""
        return self._app.refusal

    @refusal.setter
    def refusal(self, status: int | None) -> None:
        self._app.refusal = status

    @property
    def before(self) -> Callable[[Request], None] | None:
        """What is called before a request is answered."""
        return self._app.before

    @before.setter
    def before(self, function: Callable[[Request], None] | None) -> None:
        self._app.before = function

    @property
    def secrets(self) -> list[str]:
        """All tokens there ever were: none may be found in anything that is written."""
        return [self.entra_token, *self._account.tokens]

    def token(self, permission: str = "Reader") -> str:
        """Return a new access token."""
        return self._account.give_token(permission)

    def document(self, video_id: str, language: str | None = None) -> dict[str, Any]:
        """Return the whole document of a video; raises KeyError."""
        query = {"language": language} if language else {}
        return self._account.document(self._account.get(video_id), query)

    @contextlib.contextmanager
    def held(self, kind: str) -> Iterator[None]:
        """Let answers of a kind wait while the block runs."""
        gate = self._app.held[kind] = threading.Event()
        try:
            yield
        finally:
            del self._app.held[kind]
            gate.set()

    def finish_indexing(
        self, *video_ids: str, state: str = "Processed", repeats: int = 1, seed: int | None = None
    ) -> list[int]:
        """End the indexing of some videos, and tell those callers that wish it; return the status codes."""
        urls = []
        for video_id in video_ids:
            self.set_state(video_id, state)
            if self._account.get(video_id).callback_url:
                urls += [self._callback(video_id, id=video_id, state=state)] * repeats
        return post(urls, seed)

    def notify(self, video_id: str, state: str) -> int:
        """Tell the caller of a video a state, whatever is true; return the status code."""
        return post([self._callback(video_id, id=video_id, state=state)])[0]

    def notify_person(self, video_id: str) -> int:
        """Tell the caller of a video that a person was recognised in it; return the status code."""
        more = {"faceId": "1030", "knownPersonId": "0c4f3f6d", "personName": "Someone Known"}
        return post([self._callback(video_id, id=video_id, **more)])[0]

    def _callback(self, video_id: str, **more: str) -> str:
        url = self._account.get(video_id).callback_url
        if url is None:
            raise ValueError(f"{video_id} was uploaded without a callbackUrl")
        return with_query(url, **more)


@contextlib.contextmanager
def stand_in(
    videos: Iterable[StandInVideo] | int = 0,
    *,
    filters: bool = True,
    clock: Callable[[], float] = time.monotonic,
    token_seconds: float = 3600,
    port: int = 0,
) -> Iterator[StandIn]:
    """Run a stand-in while the block does."""
    account = Account(clock, token_seconds)
    account.set_videos(videos)
    app = App(account, clock, filters=filters)
    server = Server(app)
    app.drop = server.drop
    with running(server, port) as taken:
        yield StandIn(account, app, taken)
