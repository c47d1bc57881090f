"""Fragments: the beginning of an object without its braces, as documentation shows keywords.

Such a text starts with a quoted name (`"keywords": [`) and is often cut off before its brackets are closed. Only these
are completed; a document that starts with a brace and is cut off stays what it is, broken.
"""

import re

_FRAGMENT = re.compile(rb'"(?:keywords|insights)"\s*:\s*[\[{]')
# A string that is never closed is a token too, and nothing is tried twice, so that the search stays linear.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]')
_CLOSING = {b"[": b"]", b"{": b"}"}


def complete_fragment(content: bytes) -> bytes:
    """Add the braces and closing brackets a fragment lacks; return anything else as it is."""
    if not _FRAGMENT.match(content):
        return content
    open_brackets: list[bytes] = []
    for token in _TOKEN.findall(content):
        if token in _CLOSING:
            open_brackets.append(_CLOSING[token])
        elif token in (b"]", b"}") and open_brackets:
            open_brackets.pop()
    body = content.rstrip().rstrip(b",")
    return b"{" + body + b"".join(reversed(open_brackets)) + b"}"
