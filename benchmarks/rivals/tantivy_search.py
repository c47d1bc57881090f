"""tantivy: an OR of boosted term queries over the same terms, in memory and one segment.

    score(video) = sum over terms of the profile in the video of
                   boost(t) · IDF(t) · (k1 + 1) · f / (f + k1 · (1 - b + b · length / mean length))

Where it differs: the boost of a term is its weight in the profile, but every term of a video counts as one occurrence
(f = 1), because it takes tokens, not tf; so its list is another one, and how much of Matchcut's it holds is told. The
index holds no positions and no texts, so that nothing but the search is paid for.
"""

from typing import Any

import tantivy

from benchmarks.catalog import catalog
from matchcut_server.vectors.profile import Profile
from matchcut_server.vectors.weighting import BLOCKS

from .port import Found
from .tokens import tokens_of_videos
from .weighted import column_ids

_FIELD = "terms"
_HEAP_BYTES = 1_000_000_000
"""Enough that 100,000 videos become one segment."""


class Tantivy:
    """Searches a catalog."""

    exact = False
    name = "tantivy"

    def __init__(self, size: int) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field(_FIELD, stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(_HEAP_BYTES, num_threads=1)
        for tokens in tokens_of_videos(catalog(size)):
            document = tantivy.Document()
            document.add_text(_FIELD, " ".join(map(str, tokens)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher: Any = index.searcher()
        assert self._searcher.num_segments == 1  # so that a document's number in it is its video's in the catalog

    def search(self, profile: Profile, limit: int) -> Found:
        """Return the best videos."""
        parts = []
        for block in BLOCKS:
            ids = column_ids()[block]
            for term, weight in getattr(profile, block).items():
                query = tantivy.Query.term_query(self._schema, _FIELD, str(ids[term]), index_option="freq")
                parts.append((tantivy.Occur.Should, tantivy.Query.boost_query(query, weight)))
        found = self._searcher.search(tantivy.Query.boolean_query(parts), limit, count=False)
        return [(address.doc, score) for score, address in found.hits]
