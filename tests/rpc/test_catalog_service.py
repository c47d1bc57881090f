from math import log

import grpc
import pytest

from matchcut.v1 import catalog_service_pb2 as pb
from matchcut.v1 import profile_service_pb2 as profile_pb
from matchcut.v1 import types_pb2 as types_pb
from tests.rpc.service import Service, failure, keyword, video

PROFILE_DEFAULTS = profile_pb.ProfileSettings(
    derived_share=0.5,
    half_life_days=0,
    event_weights=profile_pb.EventWeights(impression=0, view=1, like=2, dislike=-1, hide=-1),
    popularity_half_life_days=30,
)


def create(service: Service, name: str, **settings: object) -> pb.CreateCatalogResponse:
    request = pb.CreateCatalogRequest(name=name)
    if settings:
        request.settings.CopyFrom(pb.CatalogSettings(**settings))  # type: ignore[arg-type]  # whatever a test gives
    return service.catalogs.CreateCatalog(request)


def names(service: Service, **request: object) -> pb.ListCatalogsResponse:
    return service.catalogs.ListCatalogs(pb.ListCatalogsRequest(**request))  # type: ignore[arg-type]  # as above


def test_default_is_there_from_the_start_with_all_defaults_filled_in(service: Service) -> None:
    answer = service.catalogs.GetCatalog(pb.GetCatalogRequest())
    assert answer.catalog.name == "default"
    assert answer.catalog.settings == pb.CatalogSettings(
        weighting_scheme=pb.WEIGHTING_SCHEME_LOG, default_language="en-US", profile_settings=PROFILE_DEFAULTS
    )
    assert answer.statistics == pb.CatalogStatistics()
    assert answer.index_revision == answer.catalog.revision > 0


def test_a_created_catalog_keeps_its_settings(service: Service) -> None:
    settings = pb.CatalogSettings(
        weighting_scheme=pb.WEIGHTING_SCHEME_SHARE,
        default_language="de-DE",
        ignored_keywords=["Music", "applause"],
        keyword_aliases=[pb.KeywordAlias(keyword="UK", canonical="United Kingdom")],
        profile_settings=profile_pb.ProfileSettings(
            derived_share=1,
            half_life_days=36_500,
            event_weights=profile_pb.EventWeights(impression=-1_000, view=0, like=1_000, dislike=0.5, hide=-0.5),
            popularity_half_life_days=0,
        ),
    )
    created = service.catalogs.CreateCatalog(pb.CreateCatalogRequest(name="films", settings=settings))
    assert created.created
    assert created.catalog.settings == settings
    found = service.catalogs.GetCatalog(pb.GetCatalogRequest(name="films", min_revision=created.catalog.revision))
    assert found.catalog == created.catalog


def test_creating_it_again_with_the_same_settings_changes_nothing(service: Service) -> None:
    first = create(service, "films", default_language="de-DE")
    again = create(service, "films", default_language="DE-de", weighting_scheme=pb.WEIGHTING_SCHEME_LOG)
    assert not again.created
    assert again.catalog == first.catalog


def test_settings_of_profiles_that_are_left_out_have_their_defaults(service: Service) -> None:
    given = profile_pb.ProfileSettings(derived_share=0.2, event_weights=profile_pb.EventWeights(like=0))
    found = create(service, "films", profile_settings=given).catalog.settings.profile_settings
    assert (found.derived_share, found.event_weights.like) == (0.2, 0)
    found.derived_share, found.event_weights.like = 0.5, 2
    assert found == PROFILE_DEFAULTS


def test_an_update_of_settings_of_profiles_replaces_them_whole(service: Service) -> None:
    first = create(service, "films", profile_settings=profile_pb.ProfileSettings(derived_share=0.2)).catalog
    settings = pb.CatalogSettings(profile_settings=profile_pb.ProfileSettings(half_life_days=9))
    updated = service.catalogs.UpdateCatalog(pb.UpdateCatalogRequest(name="films", settings=settings)).catalog
    assert updated.revision > first.revision
    assert updated.settings.profile_settings.derived_share == 0.5
    assert updated.settings.profile_settings.half_life_days == 9
    refused = failure(lambda: create(service, "films", profile_settings=profile_pb.ProfileSettings(derived_share=0.2)))
    assert refused.reason == "CATALOG_EXISTS"


def test_creating_it_again_with_other_settings_is_refused(service: Service) -> None:
    create(service, "films", default_language="de-DE")
    refused = failure(lambda: create(service, "films"))
    assert (refused.code, refused.reason) == (grpc.StatusCode.ALREADY_EXISTS, "CATALOG_EXISTS")
    assert "UpdateCatalog" in refused.message
    assert refused.metadata == {"catalog": "films"}


@pytest.mark.parametrize("name", ["a", "0", "a" * 64, "a-b_c-9"])
def test_names_at_the_limits_are_taken(service: Service, name: str) -> None:
    assert create(service, name).catalog.name == name
    assert service.ids(name) == []


def test_an_update_replaces_all_settings(service: Service) -> None:
    create(service, "films", default_language="de-DE", ignored_keywords=["music"])
    request = pb.UpdateCatalogRequest(name="films", settings=pb.CatalogSettings(ignored_keywords=["noise"]))
    updated = service.catalogs.UpdateCatalog(request)
    assert updated.catalog.settings.default_language == "en-US"
    assert list(updated.catalog.settings.ignored_keywords) == ["noise"]
    assert updated.revision >= updated.catalog.revision
    assert service.catalogs.GetCatalog(pb.GetCatalogRequest(name="films")).catalog == updated.catalog


def test_an_update_to_the_same_settings_changes_nothing(service: Service) -> None:
    first = create(service, "films", default_language="de-DE").catalog
    request = pb.UpdateCatalogRequest(name="films", settings=pb.CatalogSettings(default_language="de-DE"))
    assert service.catalogs.UpdateCatalog(request).catalog == first


def test_an_update_weighs_all_videos_anew_before_it_returns(service: Service) -> None:
    long_and_unsure = keyword("london", 0.1, (0, 600))
    short_and_sure = keyword("paris", 1.0, (0, 1))
    service.upsert(video("a", long_and_unsure, short_and_sure))

    def shares() -> dict[str, float]:
        (found,) = service.recommend("london", "paris", explain=True).recommendations
        return {one.keyword: one.share for one in found.explanation.matched_keywords}

    assert shares()["london"] < shares()["paris"]
    request = pb.UpdateCatalogRequest(settings=pb.CatalogSettings(weighting_scheme=pb.WEIGHTING_SCHEME_LINEAR))
    revision = service.catalogs.UpdateCatalog(request).revision
    assert shares()["london"] > shares()["paris"]
    assert service.recommend("london", min_revision=revision).index_revision >= revision


def test_ignored_keywords_stop_to_match_and_aliases_begin_to(service: Service) -> None:
    service.upsert(video("a", "music", "United Kingdom"))
    assert service.recommended("music") == ["a"]
    assert service.recommended("uk") == []
    settings = pb.CatalogSettings(
        ignored_keywords=["MUSIC"], keyword_aliases=[pb.KeywordAlias(keyword="UK", canonical="united kingdom")]
    )
    service.catalogs.UpdateCatalog(pb.UpdateCatalogRequest(settings=settings))
    assert service.recommended("music") == []
    assert service.recommended("uk") == ["a"]


def test_an_update_of_an_unknown_catalog_creates_none(service: Service) -> None:
    request = pb.UpdateCatalogRequest(name="filns", settings=pb.CatalogSettings())
    refused = failure(lambda: service.catalogs.UpdateCatalog(request))
    assert (refused.code, refused.reason) == (grpc.StatusCode.NOT_FOUND, "CATALOG_NOT_FOUND")
    assert [one.name for one in names(service).catalogs] == ["default"]


def test_statistics_are_exact_counts(service: Service) -> None:
    service.upsert(
        video(
            "a",
            keyword("London Bridge", 0.9, (0, 10), (5, 12)),
            keyword("London", None, (0, 3)),
            types_pb.Keyword(text="Thames", confidence=0.5),
        ),
        video(
            "b",
            keyword_sets=[
                types_pb.KeywordSet(language="de-DE", keywords=[keyword("London", 0.5, (1, 2))], summarized=True),
                types_pb.KeywordSet(language="en-US"),
            ],
        ),
        video("c"),
        video("d", keyword("!!!", 0.5, (0, 4)), keyword("unsure", 0.0, (0, 5))),
    )
    assert service.statistics() == pb.CatalogStatistics(
        video_count=4,
        video_without_keywords_count=1,
        keyword_set_count=2,  # those of `d` and `c` have nothing that can match
        keyword_count=6,
        phrase_term_count=3,
        word_term_count=3,
        on_screen_seconds=12 + 3 + 1 + 1 + 4 + 5,
        defaulted_confidence_count=1,
        defaulted_duration_count=1,
        summarized_keyword_set_count=1,
        languages=[
            pb.LanguageStatistics(language="de-DE", keyword_set_count=1),
            pb.LanguageStatistics(language="en-US", keyword_set_count=4),
        ],
    )


def test_deletes_take_away_exactly_what_was_counted(service: Service) -> None:
    service.upsert(video("a", "london", "paris"), video("b", "london", language="fr-FR"))
    before = service.statistics()
    service.upsert(video("c", "london", "rome", language="it-IT"), video("a", "berlin"))
    service.upsert(video("a", "london", "paris"))
    service.delete("c")
    assert service.statistics() == before
    service.delete("a", "b")
    assert service.statistics() == pb.CatalogStatistics()


def test_nothing_crosses_catalogs(service: Service) -> None:
    create(service, "films")
    service.upsert(video("a", "london", "paris"))
    service.upsert(video("a", "london"), video("b", "rome"), video("c", "rome"), catalog="films")
    assert service.statistics().video_count == 1
    assert service.recommended("rome") == []
    assert service.recommended("rome", catalog="films") == ["b", "c"]
    (here,) = service.recommend("london", explain=True).recommendations
    (there,) = service.recommend("london", explain=True, catalog="films").recommendations
    assert here.explanation.matched_keywords[0].idf == pytest.approx(log(2 / 2) + 1)
    assert there.explanation.matched_keywords[0].idf == pytest.approx(log(4 / 2) + 1)


def test_lists_go_by_name_and_page_by_page(service: Service) -> None:
    for name in ("news", "films", "0", "sport", "a_b", "a-b"):
        create(service, name)
    first = names(service, page_size=3, include_total=True)
    assert [one.name for one in first.catalogs] == ["0", "a-b", "a_b"]
    assert first.total_count == 7
    second = names(service, page_size=100, page_token=first.next_page_token)
    assert [one.name for one in second.catalogs] == ["default", "films", "news", "sport"]
    assert second.next_page_token == ""
    assert not second.HasField("total_count")


def test_a_list_that_ends_with_its_page_has_no_next_page(service: Service) -> None:
    create(service, "films")
    assert names(service, page_size=2).next_page_token == ""


def test_a_deleted_catalog_is_gone_with_all_it_holds(service: Service) -> None:
    create(service, "films")
    service.upsert(video("a", "london"), catalog="films")
    before = service.catalogs.GetCatalog(pb.GetCatalogRequest(name="films")).index_revision
    deleted = service.catalogs.DeleteCatalog(pb.DeleteCatalogRequest(name="films"))
    assert deleted.deleted
    assert deleted.revision > before
    assert failure(lambda: service.recommend("london", catalog="films")).reason == "CATALOG_NOT_FOUND"
    create(service, "films")
    assert service.recommended("london", catalog="films") == []
    assert service.statistics("films") == pb.CatalogStatistics()


def test_deleting_what_is_not_there_succeeds(service: Service) -> None:
    assert not service.catalogs.DeleteCatalog(pb.DeleteCatalogRequest(name="films")).deleted


def test_default_cannot_be_deleted(service: Service) -> None:
    refused = failure(lambda: service.catalogs.DeleteCatalog(pb.DeleteCatalogRequest(name="default")))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "DEFAULT_CATALOG")


def test_every_rpc_with_a_catalog_refuses_an_unknown_one(service: Service) -> None:
    refused = [
        failure(lambda: service.upsert(video("a"), catalog="films")),
        failure(lambda: service.video("a", "films")),
        failure(lambda: service.ids("films")),
        failure(lambda: service.statistics("films")),
        failure(lambda: service.recommend("london", catalog="films")),
    ]
    assert {(one.code, one.reason) for one in refused} == {(grpc.StatusCode.NOT_FOUND, "CATALOG_NOT_FOUND")}
    assert all("'films'" in one.message for one in refused)
    assert [one.name for one in names(service).catalogs] == ["default"]
