from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from matchcut_client import KeywordSet, Video, VideoMetadata, WriteResult
from matchcut_server.azure.account import Secret
from matchcut_server.azure.client import Patience
from matchcut_server.azure.errors import AzureError, NetworkError, Stop
from matchcut_server.azure.limiter import Limiter
from matchcut_server.azure.sink import Document, Sink
from matchcut_server.azure.summary import Outcome
from matchcut_server.azure.sync import RefusedDeletion
from matchcut_server.azure.token import ReadyToken
from tests.azure.fakes import FakeClock
from tests.azure.syncing import Catalog
from tests.azure_stand_in.faults import Fault, Faults
from tests.azure_stand_in.library import made_videos, of_document, project, real_videos
from tests.azure_stand_in.record import Request


def test_a_first_sync_takes_everything_and_a_second_one_only_what_has_changed(catalog: Catalog) -> None:
    """2,000 videos, of which 1,920 are indexed; counted are the requests that the account gets."""
    azure = catalog.azure
    azure.set_videos(2_000)
    first = catalog.sync(concurrency=16)
    ready = azure.ids("Processed")
    assert Counter(azure.requests.videos()) == Counter(ready)
    assert azure.requests.count("videos") == 20
    assert (first.listed, first.created, first.requests) == (2_000, len(ready), 20 + len(ready))
    assert first.count(Outcome.NOT_READY) + first.count(Outcome.FAILED) == 2_000 - len(ready)
    assert catalog.ids() == set(ready)

    again = catalog.sync()
    assert azure.requests.count() == again.requests == 20
    assert (again.unchanged, again.taken) == (len(ready), 0)

    for video_id in ready[:7]:
        azure.reindex(video_id)
    [late, *_] = azure.ids("Processing")
    azure.set_state(late, "Processed")
    [new] = made_videos(1, seed=9)
    azure.add(new)
    azure.rename(ready[20], "renamed")  # which is not indexing
    azure.delete(ready[30])
    second = catalog.sync()
    assert Counter(azure.requests.videos()) == Counter([*ready[:7], late, new.id])
    assert second.requests == 20 + 9
    assert (second.created, second.updated, second.deleted) == (2, 7, 0)
    expected = catalog.expected()
    found = catalog.keywords()
    assert found.pop(ready[30])  # deleted from the account; the catalog follows only on request
    assert found == expected


def test_deletions_are_followed_on_request(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(120, all_processed=True))
    catalog.client.upsert_videos([Video("the website's own", keyword_sets=(KeywordSet("en-US"),))])
    catalog.sync()
    gone = azure.ids()[3], azure.ids()[77]
    azure.delete(gone[0])
    azure.delete(gone[1], removed=True)
    assert catalog.sync().deleted == 0
    assert set(gone) < set(catalog.videos())
    assert catalog.sync(mirror=True).deleted == 2
    assert set(catalog.videos()) == {*azure.ids(), "the website's own"}
    assert catalog.sync(mirror=True).requests == 2


def test_a_video_that_slips_between_two_pages_is_not_deleted(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(150, all_processed=True))
    catalog.sync()
    first = azure.ids()[0]

    def shift(request: Request) -> None:
        """Delete a video of the first page before the second one is answered, which then begins one too late."""
        if request.kind == "videos" and request.query["skip"] == "100" and first in azure.ids():
            azure.delete(first)

    azure.before = shift
    summary = catalog.sync(mirror=True)
    assert summary.listed == 149
    assert summary.deleted == 0
    assert len(catalog.videos()) == 150  # the one that was not listed is there, and so is the one deleted meanwhile
    assert catalog.sync(mirror=True).deleted == 1
    assert set(catalog.videos()) == set(azure.ids())


def test_an_account_that_lists_nothing_deletes_nothing(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(5, all_processed=True))
    catalog.sync()
    azure.set_videos(0)
    with pytest.raises(RefusedDeletion, match="5 were imported"):
        catalog.sync(mirror=True)
    assert len(catalog.videos()) == 5
    assert catalog.sync().listed == 0  # as long as nothing is to be deleted


def test_nothing_is_deleted_after_a_list_that_ends_early(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(150, all_processed=True))
    catalog.sync()
    azure.delete(azure.ids()[0])
    azure.faults = Faults(rate=1.0, kinds={Fault.CUT}, calls={"videos"}, in_a_row=99)
    with pytest.raises(NetworkError):
        catalog.sync(mirror=True, patience=Patience(attempts=2, first_wait=0.0, jitter=0.0))
    assert len(catalog.videos()) == 150


def test_a_dry_run_lists_and_changes_nothing(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(10, all_processed=True))
    catalog.sync()
    azure.set_videos([*made_videos(12, seed=4), *made_videos(9, all_processed=True)])
    summary = catalog.sync(mirror=True, dry_run=True)
    assert (summary.to_take, summary.to_delete, summary.unchanged, summary.requests) == (12, 1, 9, 1)
    assert len(catalog.videos()) == 10
    assert catalog.sync(mirror=True).created == 12


def test_one_video_has_its_keywords_in_several_languages(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(10, all_processed=True))
    catalog.sync()
    assert catalog.keywords() == catalog.expected()
    both = catalog.sync("fr-FR", "he-IL")
    assert both.updated == 10
    assert catalog.keywords() == catalog.expected("fr-FR", "he-IL")
    # The source language was there already, and no language is asked for that is the source language.
    french = sum(azure.document(video_id)["videos"][0]["insights"]["language"] == "fr-FR" for video_id in azure.ids())
    assert azure.requests.count("index") == 20 - french
    assert catalog.sync("fr-FR", "he-IL").requests == 1
    azure.reindex(azure.ids()[0])
    catalog.sync("fr-FR", "he-IL")
    assert azure.requests.count("index") == 3
    assert catalog.keywords() == catalog.expected("fr-FR", "he-IL")


def test_a_language_that_azure_does_not_know_spoils_no_other(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(2, all_processed=True))
    summary = catalog.sync("xx-none", "fr-FR")
    assert summary.rejected == 2
    assert "xx-none: HTTP 400: INVALID_INPUT: Language 'xx-none' is not supported." in summary.not_taken[0].reason
    assert catalog.keywords() == catalog.expected("fr-FR")
    assert catalog.sync("fr-FR").unchanged == 2


def test_metadata_of_the_website_is_never_overwritten(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(3, all_processed=True))
    before, after, new = azure.ids()
    day = datetime(2020, 2, 2, tzinfo=UTC)
    own = VideoMetadata("", title="The website's title", published_time=day, attributes={"genre": ("news",)})
    catalog.client.upsert_videos(
        [Video(before, title=own.title or "", published_time=day, attributes={"genre": ("news",)})]
    )
    catalog.client.upsert_videos([Video(after)])  # whose title is none, and stays none
    catalog.sync()
    videos = catalog.videos()
    assert videos[before].title == "The website's title"
    assert videos[after].title == ""
    assert videos[after].published_time is None
    assert videos[new].title == "made video 1"
    catalog.client.update_video_metadata(
        [VideoMetadata(new, title="Later", expire_time=day.replace(year=2040), attributes={"genre": ("film",)})]
    )
    for video_id in azure.ids():
        azure.reindex(video_id)
        azure.rename(video_id, "Azure's name")
    assert catalog.sync().updated == 3
    videos = catalog.videos()
    assert (videos[before].title, videos[before].published_time) == ("The website's title", day)
    assert videos[before].attributes == {"genre": ("news",)}
    assert (videos[new].title, videos[new].expire_time) == ("Later", day.replace(year=2040))
    assert videos[new].attributes == {"genre": ("film",)}
    assert catalog.keywords() == catalog.expected()


def test_documents_of_every_age_are_taken(catalog: Catalog) -> None:
    parts = made_videos(3, all_processed=True)
    catalog.azure.set_videos([*real_videos(), project("aproject00", parts)])
    summary = catalog.sync()
    assert summary.rejected == 0
    assert summary.created == len(catalog.azure.ids())
    assert {video.name for video in real_videos()} - {""} <= {video.title for video in catalog.videos().values()}


def test_a_video_without_keywords_is_in_the_catalog_and_matches_nothing(catalog: Catalog) -> None:
    [video] = [one for one in made_videos(30, all_processed=True) if one.name == "made video 30"]
    catalog.azure.set_videos([video])
    assert "keywords" not in catalog.azure.document(video.id)["videos"][0]["insights"]
    assert catalog.sync().created == 1
    assert [one.keywords for one in catalog.videos()[video.id].keyword_sets] == [()]
    assert catalog.sync().unchanged == 1


def test_every_video_that_was_not_taken_is_named_with_its_reason(catalog: Catalog) -> None:
    azure = catalog.azure
    bad = {"id": "bad0000000", "name": "no times", "state": "Processed"}
    bad["videos"] = [
        {"id": "bad0000000", "insights": {"keywords": [{"text": "x", "instances": [{"start": "now", "end": "later"}]}]}}
    ]  # type: ignore[assignment]
    azure.set_videos([*made_videos(6, all_processed=True), of_document(bad)])
    states = ["Uploaded", "Processing", "Failed", "Quarantined"]
    for video_id, state in zip(azure.ids(), states, strict=False):
        azure.set_state(video_id, state)
    lost = azure.ids()[4]

    def lose(request: Request) -> None:
        if request.kind == "index" and lost in azure.ids():
            azure.delete(lost)

    azure.before = lose
    summary = catalog.sync(concurrency=1)
    said = {one.name or one.video_id: (one.outcome, one.reason) for one in summary.not_taken}
    assert said["made video 6"] == (Outcome.NOT_READY, "state Uploaded")
    assert said["made video 5"] == (Outcome.NOT_READY, "state Processing")
    assert said["made video 4"] == (Outcome.FAILED, "state Failed")
    assert said["made video 3"] == (Outcome.FAILED, "state Quarantined")
    assert said["made video 2"][0] is Outcome.GONE
    outcome, reason = said["no times"]
    assert outcome is Outcome.REJECTED
    assert "videos[0].insights.keywords[0].instances[0].start: 'now'" in reason
    assert (summary.listed, summary.created, summary.rejected, len(said)) == (7, 1, 1, 6)


def test_indexing_that_began_after_the_list_is_not_an_error(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(1, all_processed=True))

    def begin(request: Request) -> None:
        if request.kind == "index":
            azure.set_state(azure.ids()[0], "Processing")

    azure.before = begin
    summary = catalog.sync()
    assert [one.outcome for one in summary.not_taken] == [Outcome.NOT_READY]
    assert summary.rejected == 0
    azure.before = None
    azure.set_state(azure.ids()[0], "Processed")
    assert catalog.sync().created == 1


def test_nothing_is_missing_when_three_requests_of_ten_fail(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(150))
    azure.faults = Faults(rate=0.3, seed=5, kinds=frozenset(Fault), slow_seconds=0.002)
    # The pauses that Azure asks for are those of a clock that takes no time.
    summary = catalog.sync("fr-FR", limiter=Limiter({1.0: 1_000}, FakeClock()))
    faults = sum(request.fault is not None for request in azure.requests)
    assert faults > 0.25 * len(azure.requests)
    assert summary.rejected == 0
    assert catalog.keywords() == catalog.expected("fr-FR")
    azure.faults = Faults()
    assert catalog.sync("fr-FR").requests == 2


def test_a_token_that_expires_on_the_way_is_renewed(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(40, all_processed=True))
    tokens = ReadyToken(lambda: Secret(azure.token()))

    def expire(request: Request) -> None:
        if request.kind == "index" and azure.requests.count("index") == 20:
            azure.expire_tokens()

    azure.before = expire
    assert catalog.sync(tokens=tokens).created == 40


@pytest.mark.parametrize("status", [401, 403])
def test_access_refused_ends_it_and_what_was_imported_stays(catalog: Catalog, status: int) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(40, all_processed=True))

    def refuse(request: Request) -> None:
        if azure.requests.count("index") == 21:
            azure.refusal = status

    azure.before = refuse
    with pytest.raises(Stop, match=f"HTTP {status}"):
        catalog.sync(concurrency=4)
    assert azure.requests.count("index") < 21 + 4 + 5  # those under way, one renewal each
    assert catalog.last.created == len(catalog.videos()) >= 16
    azure.before = azure.refusal = None
    catalog.sync()
    assert catalog.keywords() == catalog.expected()


def test_an_account_that_does_not_answer_any_more_is_left_for_another_time(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(100, all_processed=True))
    azure.faults = Faults(rate=1.0, kinds={Fault.BAD_GATEWAY}, calls={"index"}, in_a_row=9999)
    with pytest.raises(AzureError, match="HTTP 502"):
        catalog.sync(concurrency=4, patience=Patience(attempts=2, first_wait=0.0, jitter=0.0))
    assert azure.requests.count("index") <= 2 * (8 + 4)


def test_no_more_videos_are_worked_on_at_a_time_than_asked_for(catalog: Catalog) -> None:
    azure = catalog.azure
    azure.set_videos(made_videos(40, all_processed=True))
    at_once: list[int] = []

    class Watched:
        """Counts the documents that are on their way."""

        def __init__(self, sink: Sink) -> None:
            self.sink = sink
            self.open = 0

        async def import_documents(self, documents: Sequence[Document]) -> Sequence[WriteResult]:
            self.open += 1
            at_once.append(self.open)
            try:
                return await self.sink.import_documents(documents)
            finally:
                self.open -= 1

        async def delete(self, video_ids: Sequence[str]) -> Sequence[WriteResult]:
            return await self.sink.delete(video_ids)

    catalog.sync(concurrency=3, sink=Watched)
    assert max(at_once) <= 3
    assert azure.requests.most_at_once <= 3
