"""The stand-in by hand: `python -m tests.azure_stand_in --videos 200 --port 0`."""

import argparse
import signal
import threading

from tests.azure_stand_in.control import stand_in
from tests.azure_stand_in.faults import Faults
from tests.azure_stand_in.library import large_video, made_videos, real_videos
from tests.azure_stand_in.throttle import Limits

INDEXING_SECONDS = 2.0
"""No uploaded video takes longer."""


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.azure_stand_in", description="A stand-in of Video Indexer.")
    parser.add_argument("--videos", type=int, default=200, metavar="N", help="made videos [200]")
    parser.add_argument("--large", type=int, default=1, metavar="N", help="made videos of an hour, several MB each [1]")
    parser.add_argument("--faults", type=float, default=0.0, metavar="RATE", help="share of requests that meet one [0]")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of videos and faults [0]")
    parser.add_argument(
        "--throttle", action="store_true", help="take 10 requests a second and 120 a minute, as Azure does"
    )
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="of 127.0.0.1; 0 for a free one [0]")
    asked = parser.parse_args()
    stopping = threading.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: stopping.set())
    videos = [
        *real_videos(),
        *(large_video(f"largevide{number}") for number in range(asked.large)),
        *made_videos(asked.videos, asked.seed),
    ]
    with stand_in(videos, port=asked.port) as azure:
        azure.faults = Faults(rate=asked.faults, seed=asked.seed, retry_after=1)
        if asked.throttle:
            azure.limits = Limits(per_second=10, per_minute=120)
        print(f"The stand-in has {len(videos)} videos on {azure.url} and takes this for an hour:\n")
        print(f"export MATCHCUT_AZURE_ENDPOINT={azure.url}")
        print(f"export MATCHCUT_AZURE_LOCATION={azure.location}")
        print(f"export MATCHCUT_AZURE_ACCOUNT_ID={azure.account_id}")
        print(f"export MATCHCUT_AZURE_TOKEN={azure.token('Contributor')}\n", flush=True)
        while not stopping.wait(INDEXING_SECONDS):
            for video_id in azure.in_work():
                told = "".join(f"; its callbackUrl answered {status}" for status in azure.finish_indexing(video_id))
                print(f"{video_id} is indexed{told}", flush=True)
        print(f"{len(azure.requests)} requests were answered", flush=True)


if __name__ == "__main__":
    main()
