"""Warming: the compiled loops of imports are made ready before the first import."""

from ..insights.language import DEFAULT_LANGUAGE
from ..insights.report import Report
from ..insights.video_index import read_video_index
from .keyword_vector import vectorise
from .settings import CatalogSettings

_DOCUMENT = (
    b'{"keywords": [{"text": "film festival", "instances": [{"start": "0:00:01.5", "end": "0:00:02"}]}, '
    b'{"text": "London", "confidence": 0.5}]}'
)


def warm() -> None:
    """Read and weigh a small document: loops are compiled then, or read from where they were kept compiled."""
    index = read_video_index(_DOCUMENT, DEFAULT_LANGUAGE, Report())
    assert index is not None
    (made,) = index.keyword_sets
    vectorise(made, 0.0, CatalogSettings())
    for column in (made.bounds, made.starts, made.ends, made.confidences):
        column.setflags(write=False)  # as those are that come out of the store, for which there are loops of their own
    vectorise(made, 0.0, CatalogSettings())
