"""The example promotions, and the profiles they are for, fit the catalog and its visitors."""

import json
from pathlib import Path

from examples import events, profiles
from matchcut_server.cli.promotion_files import check_promotions, promotion_lines, promotion_of_line

EXAMPLES = profiles.FILE.parent
PROFILES = [json.loads(line)["profile"] for line in profiles.FILE.read_bytes().splitlines()]
PROMOTIONS = str(EXAMPLES / "promotions.ndjson")


def test_the_generator_makes_the_committed_file_byte_for_byte() -> None:
    assert profiles.FILE.read_bytes() == profiles.content()


def test_every_visitor_has_one_profile() -> None:
    visitors = {json.loads(line)["user_id"] for line in events.FILE.read_bytes().splitlines()}
    users = [profile["user_id"] for profile in PROFILES]
    assert len(set(users)) == len(users)
    assert visitors < set(users)


def test_the_readme_tells_how_many_profiles_there_are_and_how_many_allow_targeting() -> None:
    allowed = sum(profile["targeting_allowed"] for profile in PROFILES)
    text = " ".join((EXAMPLES / "README.md").read_text(encoding="utf-8").split())
    assert f"{len(PROFILES)} profiles, of which {allowed} allow targeting" in text


def test_the_promotions_can_be_read_and_name_videos_of_the_catalog() -> None:
    check_promotions(PROMOTIONS)
    catalog = {json.loads(path.read_bytes())["id"] for path in (EXAMPLES / "catalog").glob("*.json")}
    found = [promotion_of_line(line) for line in promotion_lines(PROMOTIONS)]
    assert {seed.video_id for promotion in found for seed in promotion.seeds} <= catalog
    text = Path(EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(promotion.promotion_id in text for promotion in found)
