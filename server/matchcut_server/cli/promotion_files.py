"""Files of promotions: JSON objects with the names of `Promotion` in the contract."""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from google.protobuf import json_format

from matchcut.v1 import targeting_service_pb2 as pb
from matchcut_client import Promotion
from matchcut_client.conversion import from_message
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.sources import STANDARD_INPUT, read_documents
from matchcut_server.errors import InvalidInput

if TYPE_CHECKING:
    from matchcut_server.targeting import promotion as targeting

_ENDINGS = (".ndjson", ".ndjson.gz")


def read_promotions(path: str) -> Iterator[Promotion]:
    """Yield the promotions of a file: one a line, or one or a list in JSON. Raises `Failure` for what is none."""
    for name, content in _lines(path):
        try:
            given = msgspec.json.decode(content)
            for one in given if isinstance(given, list) else [given]:
                yield from_message(Promotion, json_format.ParseDict(one, pb.Promotion()))
        except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise Failure(f"{name}: not a promotion: {error}", code=2) from None


def check_promotions(path: str) -> str:
    """Read all promotions of a file; return the SHA-256 of its lines. Raises `Failure` for the first one refused."""
    if path == STANDARD_INPUT or not path.endswith(_ENDINGS):
        raise Failure(f"{path}: name a file that ends in {' or '.join(_ENDINGS)}, which can be read twice", code=2)
    seen: dict[str, str] = {}
    digest = hashlib.sha256()
    for name, line in _lines(path):
        try:
            promotion = promotion_of_line(line)
        except ValueError as error:
            raise Failure(f"{name}: {error}", code=2) from None
        if not promotion.promotion_id:
            raise Failure(f"{name}: promotion_id is missing; give each promotion its own", code=2)
        if promotion.promotion_id in seen:
            told = f"{promotion.promotion_id!r} is the id of {seen[promotion.promotion_id]} too"
            raise Failure(f"{name}: {told}; give each promotion its own", code=2)
        seen[promotion.promotion_id] = name
        digest.update(line + b"\n")
    return digest.hexdigest()


def promotion_lines(path: str) -> Iterator[bytes]:
    """Yield the lines of a file of promotions."""
    for _, line in _lines(path):
        yield line


def promotion_of_line(line: bytes) -> "targeting.Promotion":
    """Read a promotion from JSON of the contract. Raises `ValueError`."""
    from matchcut_server.insights.report import Report  # noqa: PLC0415 - it brings the compiler, as the next one
    from matchcut_server.rpc.promotions import read_promotion  # noqa: PLC0415 - as above

    report = Report()
    try:
        promotion = read_promotion("promotion", json_format.Parse(line, pb.Promotion()), report)
        report.raise_if_refused()
    except (json_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"not a promotion: {error}") from None
    except InvalidInput as refusal:
        raise ValueError(str(refusal)) from None
    return promotion


def _lines(path: str) -> Iterator[tuple[str, bytes]]:
    for document in read_documents([path]):
        if document.problem:
            raise Failure(f"{document.name}: {document.problem}", code=2)
        yield document.name, document.content.strip()
