"""`matchcut catalog`: the catalogs of a server."""

import argparse
from dataclasses import fields, replace

from matchcut_client import Catalog, CatalogSettings, EventWeights, KeywordAlias, ProfileSettings, WeightingScheme
from matchcut_server.cli.connection import add_connection, connect
from matchcut_server.cli.failure import Failure
from matchcut_server.cli.render import plain, print_json

_NUMBERS = {
    "derived_share": "share of what events say in profiles that do not say otherwise, 0 to 1 (default: 0.5)",
    "half_life_days": "days after which an event counts half; 0: never (default: 0)",
    "popularity_half_life_days": "days after which a view or like counts half in popularity (default: 30)",
}
_KINDS = [field.name for field in fields(EventWeights)]
_SCHEMES = [scheme.name.lower() for scheme in WeightingScheme if scheme.name != "UNSPECIFIED"]


def add_catalog(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `catalog` with its own commands."""
    parser = commands.add_parser("catalog", help="list, create, change and delete catalogs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list all catalogs")
    showing = actions.add_parser("show", help="show the settings of a catalog")
    creating = actions.add_parser("create", help="create a catalog")
    updating = actions.add_parser(
        "update",
        help="change settings of a catalog; those not given stay",
        description="Change settings; all videos of the catalog are weighted anew. An empty --ignore '' or --alias '' "
        "removes all of them.",
    )
    deleting = actions.add_parser("delete", help="delete a catalog with all it holds")
    listing.set_defaults(catalog="default")
    for action in (showing, creating, updating, deleting):
        action.add_argument("catalog", metavar="NAME")
    for action in (creating, updating):
        action.add_argument("--scheme", choices=_SCHEMES, help="how keywords are weighted")
        action.add_argument("--default-language", metavar="TAG", help="language of keywords that have none")
        action.add_argument(
            "--ignore", action="append", metavar="KEYWORD", help="keyword that never matches; may be repeated"
        )
        action.add_argument(
            "--alias",
            action="append",
            metavar="KEYWORD=CANONICAL",
            help="keyword that stands for another; may be repeated",
        )
        for name, text in _NUMBERS.items():
            action.add_argument(f"--{name.replace('_', '-')}", type=float, metavar="NUMBER", help=text)
        action.add_argument(
            "--event-weight",
            action="append",
            default=[],
            metavar="KIND=WEIGHT",
            help="how much events of a kind count, -1000 to 1000; may be repeated",
        )
    for action, run in (
        (listing, run_list),
        (showing, run_show),
        (creating, run_create),
        (updating, run_update),
        (deleting, run_delete),
    ):
        add_connection(action, catalog=False)
        action.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    """List all catalogs by name."""
    with connect(arguments) as client:
        catalogs = list(client.iter_catalogs())
    if arguments.json:
        print_json(catalogs)
    else:
        for catalog in catalogs:
            print(catalog.name)
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Show the settings of a catalog."""
    with connect(arguments) as client:
        _print(client.get_catalog(arguments.catalog).catalog, as_json=arguments.json)
    return 0


def run_create(arguments: argparse.Namespace) -> int:
    """Create a catalog."""
    with connect(arguments) as client:
        response = client.create_catalog(arguments.catalog, _settings(CatalogSettings(), arguments))
    _print(response.catalog, as_json=arguments.json)
    return 0


def run_update(arguments: argparse.Namespace) -> int:
    """Change the settings that are given."""
    with connect(arguments) as client:
        before = client.get_catalog(arguments.catalog).catalog.settings
        response = client.update_catalog(_settings(before, arguments), name=arguments.catalog)
    _print(response.catalog, as_json=arguments.json)
    return 0


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete a catalog; return 1 if it was not there."""
    with connect(arguments) as client:
        deleted = client.delete_catalog(arguments.catalog).deleted
    if arguments.json:
        print_json({"deleted": deleted})
    else:
        print("deleted" if deleted else "there was no such catalog")
    return 0 if deleted else 1


def _settings(before: CatalogSettings, arguments: argparse.Namespace) -> CatalogSettings:
    settings = before
    if arguments.scheme:
        settings = replace(settings, weighting_scheme=WeightingScheme[arguments.scheme.upper()])
    if arguments.default_language:
        settings = replace(settings, default_language=arguments.default_language)
    if arguments.ignore is not None:
        settings = replace(settings, ignored_keywords=tuple(filter(None, arguments.ignore)))
    if arguments.alias is not None:
        settings = replace(settings, keyword_aliases=tuple(_alias(text) for text in arguments.alias if text))
    of_profiles = _profile_settings(before.profile_settings or ProfileSettings(), arguments)
    return settings if of_profiles == ProfileSettings() else replace(settings, profile_settings=of_profiles)


def _profile_settings(before: ProfileSettings, arguments: argparse.Namespace) -> ProfileSettings:
    given = {name: getattr(arguments, name) for name in _NUMBERS if getattr(arguments, name) is not None}
    weights = dict(map(_event_weight, arguments.event_weight))
    if weights:
        given["event_weights"] = replace(before.event_weights or EventWeights(), **weights)
    return replace(before, **given)


def _event_weight(text: str) -> tuple[str, float]:
    kind, _, weight = text.partition("=")
    try:
        number = float(weight)
    except ValueError:
        kind = ""
    if kind not in _KINDS:
        raise Failure(f"--event-weight {text}: write KIND=WEIGHT, KIND one of {', '.join(_KINDS)}", code=2)
    return kind, number


def _alias(text: str) -> KeywordAlias:
    keyword, separator, canonical = text.partition("=")
    if not separator:
        raise Failure(f"--alias {text}: write KEYWORD=CANONICAL", code=2)
    return KeywordAlias(keyword=keyword.strip(), canonical=canonical.strip())


def _print(catalog: Catalog, *, as_json: bool) -> None:
    if as_json:
        print_json(catalog)
        return
    settings = catalog.settings
    print(f"catalog: {catalog.name}")
    print(f"weighting scheme: {settings.weighting_scheme.name.lower()}")
    print(f"default language: {settings.default_language}")
    print(f"ignored keywords: {plain(', '.join(settings.ignored_keywords)) or 'none'}")
    aliases = [f"{alias.keyword} = {alias.canonical}" for alias in settings.keyword_aliases]
    print(f"keyword aliases: {plain(', '.join(aliases)) or 'none'}")
    of_profiles = settings.profile_settings
    if of_profiles is not None and of_profiles.event_weights is not None:
        weights = [f"{kind} {getattr(of_profiles.event_weights, kind):g}" for kind in _KINDS]
        print(f"share of events in profiles: {of_profiles.derived_share:g}")
        print(f"weights of events: {', '.join(weights)}")
        print(f"half-life of events: {_days(of_profiles.half_life_days)}")
        print(f"half-life of popularity: {_days(of_profiles.popularity_half_life_days)}")


def _days(days: float | None) -> str:
    return f"{days:g} days" if days else "none"
