"""What the videos of the catalog are about, labelled by hand, to compare rankings with.

The labels are those of an editor who has seen the videos: they cross languages, and name what no keyword says.
"""

TOPICS: dict[str, str] = {
    "film festival": "london-film-festival-opening, london-festival-debuts, leeds-short-films, "
    "sheffield-documentaries, edinburgh-festival-weekend, cannes-croisette, venezia-mostra, venice-lido, "
    "tokyo-film-festival, berlinale-nacht, san-sebastian, tel-aviv-festival, england-on-film-reel",
    "english film": "ealing-comedies, pinewood-stages, shakespeare-on-screen, hitchcock-london, kitchen-sink-realism, "
    "bristol-stop-motion, period-drama-houses, nitrate-archive, england-on-film-reel",
    "film history": "ealing-comedies, hitchcock-london, kitchen-sink-realism, shakespeare-on-screen, nitrate-archive, "
    "nouvelle-vague-paris, lyon-lumiere, cinecitta, kyoto-golden-age, babelsberg, england-on-film-reel",
    "film studio": "ealing-comedies, pinewood-stages, cinecitta, bollywood-film-city, kyoto-golden-age, babelsberg",
    "animation": "bristol-stop-motion, anime-studio-tokyo, anime-season",
    "short film": "leeds-short-films, edinburgh-festival-weekend, bristol-stop-motion",
    "cinema": "volunteer-cinema, lyon-lumiere, nitrate-archive, leeds-short-films",
    "walking": "hadrians-wall, cornwall-coast-path, lake-district, camino-santiago",
    "travel in england": "hadrians-wall, cornwall-coast-path, lake-district, stonehenge-midsummer, "
    "cathedrals-of-england, suedengland-gaerten, period-drama-houses, electric-road-trip, hitchcock-london",
    "heritage": "hadrians-wall, stonehenge-midsummer, cathedrals-of-england, period-drama-houses, bletchley-park",
    "cornwall": "cornwall-coast-path, cornish-pasty, suedengland-gaerten",
    "northumberland": "hadrians-wall, farne-puffins, lighthouse-keeper, non-league-football",
    "the sea": "cornwall-coast-path, lighthouse-keeper, farne-puffins, north-sea-storm, holkham-tide, "
    "suedengland-gaerten",
    "music": "liverpool-music, manchester-bands, glastonbury-mud, film-composer-at-ninety, carnival-sao-paulo",
    "football": "wembley-cup-final, non-league-football",
    "sport": "wembley-cup-final, non-league-football, cricket-for-beginners, tour-de-france",
    "nature": "farne-puffins, holkham-tide, lake-district",
    "food": "cornish-pasty, pasta-bologna",
    "portrait": "lighthouse-keeper, film-composer-at-ninety, street-nurse, volunteer-cinema",
    "france": "cannes-croisette, nouvelle-vague-paris, lyon-lumiere, tour-de-france",
    "italy": "venezia-mostra, venice-lido, cinecitta, pasta-bologna",
    "japan": "anime-studio-tokyo, anime-season, kyoto-golden-age, tokyo-film-festival",
    "germany": "berlinale-nacht, babelsberg, batteriefabrik-sachsen, contoso-streik-leipzig",
    "spain": "san-sebastian, camino-santiago",
    "carnival and dance": "carnival-sao-paulo, bollywood-film-city",
    "artificial intelligence": "ai-at-work, microsoft-developer-day",
    "chips": "arm-cambridge, how-a-chip-is-made",
    "cloud": "cloud-costs, contoso-earnings, microsoft-contoso-datacentre, microsoft-developer-day",
    "quantum computing": "quantum-without-hype, quantum-oxford",
    "history of computing": "bletchley-park, arm-cambridge",
    "start-up": "quantum-oxford, arm-cambridge",
    "electric cars": "electric-road-trip, batteriefabrik-sachsen, fabrikam-sunderland",
    "cars": "electric-road-trip, fabrikam-brake-scandal, rolls-royce-vintage-rally",
    "factory": "how-a-chip-is-made, batteriefabrik-sachsen, fabrikam-sunderland, rolls-royce-derby-testbed, "
    "rolls-royce-derby-testbed-copy, rolls-royce-apprentices",
    "rolls-royce": "rolls-royce-results, rolls-royce-derby-testbed, rolls-royce-derby-testbed-copy, "
    "rolls-royce-apprentices, rolls-royce-vintage-rally, market-close",
    "contoso": "contoso-layoffs, contoso-earnings, contoso-streik-leipzig, microsoft-contoso-datacentre",
    "fabrikam": "fabrikam-sunderland, fabrikam-brake-scandal",
    "northwind": "northwind-delivery-drone, northwind-accounting",
    "microsoft": "microsoft-developer-day, microsoft-contoso-datacentre, market-close",
    "company results": "rolls-royce-results, contoso-earnings, market-close",
    "scandal": "fabrikam-brake-scandal, northwind-accounting",
    "product launch": "northwind-delivery-drone, microsoft-developer-day",
    "work": "contoso-layoffs, contoso-streik-leipzig, rolls-royce-apprentices, ai-at-work, street-nurse",
    "news of the day": "north-sea-storm, election-count, market-close, contoso-layoffs, contoso-streik-leipzig",
}
"""Comma-separated slugs of the videos of each topic."""

RELATED: tuple[str, ...] = (
    "rolls-royce-derby-testbed, rolls-royce-derby-testbed-copy",
    "rolls-royce-results, market-close",
    "london-film-festival-opening, london-festival-debuts",
    "venezia-mostra, venice-lido",
    "anime-studio-tokyo, anime-season",
    "quantum-without-hype, quantum-oxford",
    "contoso-layoffs, contoso-earnings",
    "england-on-film-reel, ealing-comedies",
    "england-on-film-reel, kitchen-sink-realism",
    "england-on-film-reel, london-film-festival-opening",
)
"""Comma-separated slugs of pairs that tell the same story, or of which one is part of the other."""
