"""What Video Indexer tells the caller's own server: a POST without a body, to a URL with more in its query."""

import random
from collections.abc import Iterable
from urllib.parse import urlencode, urlsplit, urlunsplit

import httpx2

SECONDS = 30.0


def with_query(url: str, **more: str) -> str:
    """Append parameters to a URL, whose own query is kept as it is."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(more))))))


def post(urls: Iterable[str], seed: int | None = None) -> list[int]:
    """POST to each URL, shuffled if there is a seed; return the status codes, 0 for one that was not reached."""
    ordered = list(urls)
    if seed is not None:
        random.Random(seed).shuffle(ordered)
    with httpx2.Client(timeout=SECONDS, trust_env=False) as client:
        return [_status(client, url) for url in ordered]


def _status(client: httpx2.Client, url: str) -> int:
    try:
        return client.post(url).status_code
    except httpx2.TransportError:
        return 0
