"""The client: one object for all services of a server."""

from collections.abc import Sequence
from typing import Self

import grpc

from matchcut_client.connection import ChannelOption, Connection, checked_timeout
from matchcut_client.services.base import Defaults
from matchcut_client.services.catalog import CatalogMethods
from matchcut_client.services.profile import ProfileMethods
from matchcut_client.services.recommendation import RecommendationMethods
from matchcut_client.services.scenario import ScenarioMethods
from matchcut_client.services.search import SearchMethods
from matchcut_client.services.targeting import TargetingMethods
from matchcut_client.services.video import VideoMethods

__all__ = ["MatchcutClient"]


class MatchcutClient(
    CatalogMethods,
    VideoMethods,
    ProfileMethods,
    RecommendationMethods,
    ScenarioMethods,
    SearchMethods,
    TargetingMethods,
):
    """A client of a Matchcut server, with a method for each RPC. Threads may share it; processes may not.

        with MatchcutClient("127.0.0.1:50051") as client:
            client.upsert_videos([Video("v1", keyword_sets=(KeywordSet("en-US", (Keyword("england"),)),))])
            print(client.recommend_videos(["england"]).recommendations)

    Every call has a timeout, is tried up to four times where no server can be reached, and raises `MatchcutError`. All
    methods take `timeout` in seconds, and nearly all `catalog`; left out, they are the client's. Reads take
    `min_revision`: they answer only from a state that has seen it. Left out, it is the highest revision that this
    client has seen, so that it sees what it wrote, whichever process of the server answers.
    """

    def __init__(  # noqa: PLR0913 - what a client can be told, all with defaults
        self,
        target: str = "127.0.0.1:50051",
        *,
        catalog: str = "default",
        timeout: float = 10.0,
        import_timeout: float = 120.0,
        channels: int = 8,
        read_your_writes: bool = True,
        credentials: grpc.ChannelCredentials | None = None,
        channel_options: Sequence[ChannelOption] = (),
    ) -> None:
        """Make a client; connections are opened by the first calls.

        Args:
            target: Address of the server as gRPC knows it: `host:port`, `dns:///host:port`, `unix:path`.
            catalog: Catalog of calls that name none.
            timeout: Seconds that a call may take, retries included.
            import_timeout: The same for each request of a batch of writes, and for changes to whole catalogs.
            channels: Connections to use in turn, each opened by its first call. All calls of one connection go to one
                process of the server, so that one connection would leave the others idle: two reach the same of two
                processes half the time, eight once in 128 times. A client that seldom calls does well with 1.
            read_your_writes: Whether reads ask by default for the highest revision seen.
            credentials: For TLS, such as `grpc.ssl_channel_credentials()`. None: not encrypted.
            channel_options: Further options of gRPC channels, which win over the client's own.
        """
        defaults = Defaults(catalog, checked_timeout(timeout), checked_timeout(import_timeout), read_your_writes)
        connection = Connection(target, channels=channels, credentials=credentials, channel_options=channel_options)
        super().__init__(connection, defaults)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def wait_until_ready(self, timeout: float | None = None) -> None:
        """Wait until a server serves on every connection, such as one that is starting. Raises DeadlineExceeded."""
        self._connection.wait_until_ready(self._defaults.timeout if timeout is None else timeout)

    def forget_revision(self) -> None:
        """Forget the highest revision seen: needed when the server's store was put back to an older state."""
        self._connection.forget_revision()

    def close(self) -> None:
        """Close the connections. Calls that are under way are cancelled, later ones raise ValueError."""
        self._connection.close()
