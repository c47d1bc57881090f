"""A whole evaluation, over a real store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from matchcut_server.evaluation import engine
from matchcut_server.evaluation.bootstrap import Estimate
from matchcut_server.evaluation.engine import Engine
from matchcut_server.evaluation.runner import Evaluation, Plan, catalog_at, evaluate
from matchcut_server.evaluation.task import SimilarTask, UserTask
from matchcut_server.evaluation.truth import read_truth
from matchcut_server.evaluation.user import User, Watched
from matchcut_server.insights.model import Video
from matchcut_server.store.sqlite.store import SqliteStore
from matchcut_server.vectors.scheme import Scheme
from tests.makers import keyword, keyword_set, put, video

SEA = ("sea", "boat", "harbour")
CARS = ("car", "engine", "road")
TRUTH = read_truth(
    b'{"s1": {"topics": ["sea"]}, "s2": {"topics": ["sea"]}, "s3": {"topics": ["sea"]}, '
    b'"c1": {"topics": ["cars"]}, "c2": {"topics": ["cars"]}}'
)


@dataclass
class Noted:
    """Notes what an evaluation says of its progress."""

    told: list[tuple[str, int]] = field(default_factory=list)
    steps: int = 0

    def start(self, name: str, questions: int) -> Callable[[], None]:
        self.told.append((name, questions))
        return self.advance

    def advance(self) -> None:
        self.steps += 1


@pytest.fixture
def filled(store: SqliteStore) -> SqliteStore:
    """Three videos about the sea, two about cars, and many about neither."""
    catalog = store.catalog("default")
    assert catalog is not None
    videos = [video(f"s{i}", *SEA, f"wave{i}") for i in (1, 2, 3)]
    videos += [video(f"c{i}", *CARS, f"wheel{i}") for i in (1, 2)]
    videos += [video(f"x{i:02}", f"thing{i}") for i in range(40)]
    store.write_videos(catalog.catalog_id, [put(one) for one in videos])
    return store


def run(store: SqliteStore, folder: Path, plan: Plan, noted: Noted | None = None) -> Evaluation:
    return evaluate(store, folder, plan, (noted or Noted()).start)


def similar(*schemes: Scheme) -> Plan:
    return Plan(lambda positions: SimilarTask(TRUTH, positions), schemes)


def test_a_ranking_by_keywords_finds_what_has_the_same_topic(filled: SqliteStore, tmp_path: Path) -> None:
    noted = Noted()
    found = run(filled, tmp_path, similar(Scheme.LOG), noted)

    assert (found.videos, found.questions) == (45, 5)
    by_name = {one.name: one for one in found.rankings}
    assert list(by_name) == ["log", "popularity", "random"]
    log, popularity, random = by_name.values()
    assert (log.scheme, log.scenario, log.differences) == ("log", "", None)
    assert log.figures.ndcg_at_10.value == log.figures.recall_at_50.value == log.figures.mrr.value == 1.0
    for other in (popularity, random):
        assert (other.scheme, other.scenario) == ("", "")
        assert other.differences is not None
        assert other.differences.ndcg_at_10.value is not None
        assert other.differences.ndcg_at_10.value < 0
    # The five that are relevant to others, and what fills the list up: the same for all, but for the video asked for.
    assert popularity.figures.recall_at_50.value == 1.0
    assert popularity.figures.coverage.value == pytest.approx(11 / 45, abs=1e-6)
    assert noted.told == [("log", 5)]
    assert noted.steps == 5


def test_each_scheme_is_a_ranking_of_its_own_in_the_order_given(store: SqliteStore, tmp_path: Path) -> None:
    catalog = store.catalog("default")
    assert catalog is not None
    # What is long on screen is decisive if time counts; if not, both others are as good, and come by their ids.
    seed = video("seed", keyword("sea", (0, 99)), keyword("car", (0, 1)))
    store.write_videos(catalog.catalog_id, [put(seed), put(video("a", "car")), put(video("b", "sea"))])
    truth = read_truth(b'{"seed": {"related": ["b"]}}')

    schemes = [Scheme.LINEAR, Scheme.CONFIDENCE]
    found = run(store, tmp_path, Plan(lambda positions: SimilarTask(truth, positions), schemes))

    assert [one.name for one in found.rankings] == ["linear", "confidence", "popularity", "random"]
    linear, confidence, *_ = found.rankings
    assert (linear.figures.mrr.value, confidence.figures.mrr.value) == (1.0, 0.5)
    assert confidence.differences is not None
    assert confidence.differences.mrr == Estimate(-0.5, -0.5, -0.5)


def test_an_evaluation_gives_the_same_each_time(filled: SqliteStore, tmp_path: Path) -> None:
    assert run(filled, tmp_path, similar(Scheme.LOG)) == run(filled, tmp_path, similar(Scheme.LOG))


def test_a_large_catalog_is_ranked_by_its_generation_and_the_figures_are_the_same(
    filled: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = run(filled, tmp_path, similar(Scheme.LOG))
    monkeypatch.setattr(engine, "LIVE_VIDEOS", 10)

    large = run(filled, tmp_path, similar(Scheme.LOG))

    assert list((tmp_path / "index").glob("*.generation"))
    assert large == small


def test_users_get_what_their_history_is_about_but_not_what_they_have_seen(filled: SqliteStore, tmp_path: Path) -> None:
    users = [
        User("sailor", (Watched("s1"), Watched("s2")), ("s3",)),
        User("driver", (Watched("c1"), Watched("x07", weight=0.1)), ("c2",)),
        User("landlubber", (Watched("c1"), Watched("s1", weight=-1.0)), ("c2",)),
    ]

    found = run(filled, tmp_path, Plan(lambda positions: UserTask(lambda: iter(users), positions), [Scheme.LOG]))

    log = found.rankings[0].figures
    assert log.mrr.value == log.recall_at_50.value == 1.0
    assert log.novelty.value is not None
    assert log.novelty.value > 0


def test_without_questions_there_are_no_rankings(filled: SqliteStore, tmp_path: Path) -> None:
    truth = read_truth(b'{"gone": {"topics": ["sea"]}, "s1": {"topics": ["sea"]}}')
    found = run(filled, tmp_path, Plan(lambda positions: SimilarTask(truth, positions), [Scheme.LOG]))
    assert (found.questions, found.rankings) == (0, [])
    assert (found.left_out.unknown_videos, found.left_out.questions) == (1, 1)


def test_the_catalog_is_that_of_the_latest_time_that_is_known(store: SqliteStore) -> None:
    catalog = store.catalog("default")
    assert catalog is not None
    far = 32_503_680_000.0  # the year 3000
    store.write_videos(
        catalog.catalog_id,
        [
            put(Video("old", published_time=1000.0)),
            put(Video("new", published_time=2000.0)),
            put(Video("expired", expire_time=2000.0)),
            put(Video("always")),
        ],
    )

    assert catalog_at(store, None) == (2000.0, {"always": 0, "new": 1, "old": 2})
    assert catalog_at(store, 3000.0)[0] == 3000.0
    assert catalog_at(store, 1000.0)[0] == 2000.0
    store.write_videos(catalog.catalog_id, [put(Video("ahead", published_time=far))])
    now, positions = catalog_at(store, None)
    assert 3000.0 < now < far
    assert "ahead" not in positions


def test_likeness_is_the_score_that_a_video_has_for_another(filled: SqliteStore, tmp_path: Path) -> None:
    catalog = filled.catalog("default")
    assert catalog is not None
    both = video("both", keyword_set("en-US", *SEA), keyword_set("de-DE", *CARS))
    filled.write_videos(catalog.catalog_id, [put(both), put(video("bare"))])
    likeness = Engine(filled, tmp_path, Scheme.LOG, 0.0).likeness()

    assert likeness.cosines(["s1", "s1"]).tolist() == pytest.approx([1.0])
    assert likeness.cosines(["s1"]).tolist() == likeness.cosines([]).tolist() == []
    s1_s2, s1_c1, s1_bare, s2_c1, s2_bare, c1_bare = likeness.cosines(["s1", "s2", "c1", "bare"]).tolist()
    assert 0.3 < s1_s2 < 0.95
    assert s1_c1 == s2_c1 == s1_bare == s2_bare == c1_bare == 0.0
    to_sea, to_cars = likeness.cosines(["both", "s1"]), likeness.cosines(["both", "c1"])
    assert to_sea[0] > 0.5
    assert to_cars[0] > 0.5
