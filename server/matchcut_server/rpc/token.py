"""Page tokens: opaque to callers, made and read by any process of the same store, valid for one request only."""

import base64
import binascii
import hashlib
import hmac
from typing import Any, TypeVar

from google.protobuf.message import Message

from ..errors import InvalidInput, Reason, Violation

M = TypeVar("M", bound=Message)

_VERSION = b"\x01"
_MAC_BYTES = 16
DIGEST_BYTES = 16


def request_digest(kind: str, request: bytes) -> bytes:
    """Condense a request, without what may differ between pages, so that a token of another one is recognised."""
    return hashlib.blake2b(request, digest_size=DIGEST_BYTES, person=kind.encode()[:16]).digest()


def page_digest(kind: str, request: M, catalog: str) -> bytes:
    """Condense a request without what may differ between its pages. `catalog`: what its catalog is known by."""
    same = type(request)()
    same.CopyFrom(request)
    told: Any = same
    names = same.DESCRIPTOR.fields_by_name
    for name in ("page_token", "page_size", "min_revision"):
        if name in names:
            same.ClearField(name)
    if "options" in names:
        told.options.ClearField("min_revision")
    told.catalog = catalog
    return request_digest(kind, same.SerializeToString(deterministic=True))


class PageTokens:
    """Seals what the next page needs. `secret`: the key of the store."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, person=b"page token").digest()

    def seal(self, digest: bytes, payload: bytes) -> str:
        """Make a token for the request with this digest."""
        body = _VERSION + digest + payload
        return base64.urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def open(self, digest: bytes, token: str) -> bytes:
        """Return the payload of a token. Raises `InvalidInput` if it is damaged, foreign, or of another request."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error):
            raise _refused("is damaged") from None
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise _refused("is damaged or was made by another store")
        if body[: len(_VERSION)] != _VERSION:
            raise _refused("was made by another version")
        own, payload = body[len(_VERSION) :][:DIGEST_BYTES], body[len(_VERSION) + DIGEST_BYTES :]
        if not hmac.compare_digest(own, digest):
            raise _refused("belongs to another request")
        return payload

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_MAC_BYTES]


def _refused(why: str) -> InvalidInput:
    message = f"the page token {why}; send it back unchanged with the same request, or leave it out for the first page"
    return InvalidInput([Violation("page_token", Reason.INVALID_PAGE_TOKEN, message)])
