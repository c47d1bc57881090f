"""`matchcut scenario`: named, stored sets of ranking settings."""

import argparse
from dataclasses import fields, replace
from typing import Any

from matchcut_client import Condition, PinnedVideo, RankingSettings, Scenario, SeenVideos
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.ranking_files import read_ranking
from matchcut_server.cli.ranking_options import add_ranking_options, ranking_of
from matchcut_server.cli.render import plain, print_json

_UNSET = RankingSettings()


def add_scenario(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `scenario` with its own commands."""
    parser = commands.add_parser("scenario", help="list, show, set and delete scenarios: named ranking settings")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    setting = actions.add_parser(
        "set",
        help="create a scenario, or replace its settings whole",
        description="Create a scenario, or replace its settings whole; what is not given has its default. Example: "
        "matchcut scenario set home --freshness-weight 0.1 --boost genre=drama:0.2 --cap series=2",
    )
    showing = actions.add_parser("show", help="show the settings of a scenario")
    listing = actions.add_parser("list", help="list all scenarios of the catalog")
    deleting = actions.add_parser("delete", help="delete a scenario")
    for action in (setting, showing, deleting):
        action.add_argument("name", metavar="NAME")
    setting.add_argument(
        "--file",
        metavar="PATH",
        help="JSON of the settings, or of a scenario as `show --json` prints it; options replace what it holds; "
        "- for standard input",
    )
    add_ranking_options(setting)
    for action, run in ((setting, run_set), (showing, run_show), (listing, run_list), (deleting, run_delete)):
        add_connection(action)
        action.set_defaults(run=run)


def run_set(arguments: argparse.Namespace) -> int:
    """Create a scenario or replace its settings."""
    ranking = ranking_of(arguments)
    if arguments.file is not None:
        own = {name: value for name, value in _items(ranking) if value != getattr(_UNSET, name)}
        ranking = replace(read_ranking("--file", arguments.file).ranking, **own)
    with connect(arguments) as client:
        response = client.upsert_scenario(Scenario(arguments.name, ranking))
    _print(response.scenario, as_json=arguments.json)
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show the settings of a scenario."""
    with connect(arguments) as client:
        _print(client.get_scenario(arguments.name).scenario, as_json=arguments.json)
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """List all scenarios by name."""
    with connect(arguments) as client:
        scenarios = list(client.iter_scenarios())
    if arguments.json:
        print_json(scenarios)
    else:
        for scenario in scenarios:
            print(scenario.name)
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete a scenario; return 1 if it was not there."""
    with connect(arguments) as client:
        deleted = client.delete_scenario(arguments.name).deleted
    if arguments.json:
        print_json({"deleted": deleted})
    else:
        print("deleted" if deleted else "there was no such scenario")
    return 0 if deleted else 1


# --- printing ---------------------------------------------------------------------------------------------------------


def _print(scenario: Scenario, *, as_json: bool) -> None:
    if as_json:
        print_json(scenario)
        return
    print(f"scenario: {scenario.name}")
    shown = [(name, value) for name, value in _items(scenario.ranking) if value != getattr(_UNSET, name)]
    for name, value in shown:
        print(plain(f"{name.replace('_', ' ')}: {_value(value)}"))
    print("everything else as by default" if shown else "everything as by default")


def _items(ranking: RankingSettings) -> list[tuple[str, Any]]:
    return [(field.name, getattr(ranking, field.name)) for field in fields(ranking)]


def _value(value: Any) -> str:
    """Write the value of a setting."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, SeenVideos):
        return value.name.lower()
    if isinstance(value, tuple):
        return ", ".join(map(_item, value)) or "none"
    return f"{value:g}"


def _item(item: Any) -> str:
    """Write one item of a list, most of them as their options take them."""
    if isinstance(item, PinnedVideo):
        return f"{item.video_id}@{item.position}" + (f":{item.promotion_id}" if item.promotion_id else "")
    if hasattr(item, "condition"):
        return f"{_condition(item.condition)}:{item.weight:g}"
    return f"{item.name}={item.max_per_value}"


def _condition(condition: Condition) -> str:
    if condition.attribute is not None:
        values = " or ".join(condition.attribute.values)
        return f"{condition.attribute.name}={values}" if values else condition.attribute.name
    if condition.published_time is not None:
        start, end = condition.published_time.start_time, condition.published_time.end_time
        return f"published {start or '…'} to {end or '…'}"
    if condition.duration is not None:
        least, most = condition.duration.min_seconds, condition.duration.max_seconds
        return f"duration {'…' if least is None else f'{least:g}'} to {'…' if most is None else f'{most:g}'} s"
    if condition.video_ids is not None:
        return " or ".join(condition.video_ids)
    return f"language {condition.language}"
