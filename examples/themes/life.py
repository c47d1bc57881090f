"""People, sport, news, food and nature; and a video cut together from others."""

from examples.clips import Clip, Part, Project, Theme

THEME = Theme(
    "life",
    topics="news",
    labels="person, outdoor, grass, sky",
    clips=(
        Clip(
            slug="lighthouse-keeper",
            title="The lighthouse keeper who stayed: a portrait",
            language="en-GB",
            minutes=23.2,
            topics="history",
            main="lighthouse, keeper, sea",
            also="lamp, storm, northumberland, logbook, loneliness, radio, wife, stairs, automation, boat, fog signal, "
            "island, childhood, paint, gull",
        ),
        Clip(
            slug="film-composer-at-ninety",
            title="A film composer at ninety looks back",
            language="en-GB",
            minutes=39.5,
            topics="music, film",
            main="composer, film music, orchestra",
            also="piano, conductor, london, score, abbey road, director, melody, silence, violin, english film, "
            "recording, melancholy, pencil, premiere, teacher, thriller, cue, applause",
        ),
        Clip(
            slug="street-nurse",
            title="Night shift: a street nurse in Portland, Oregon",
            language="en-US",
            minutes=18.0,
            main="nurse, night shift, homeless",
            also="portland, clinic, blanket, outreach, bandage, van, shelter, rain, volunteers, hospital, trust, "
            "medication, street, dog, oregon",
        ),
        Clip(
            slug="cricket-for-beginners",
            title="Test cricket at Lord's for complete beginners",
            language="en-GB",
            minutes=14.6,
            topics="sports",
            main="cricket, lord's, england",
            also="bowler, wicket, batsman, london, pavilion, test match, innings, umpire, ashes, tea interval, "
            "commentator, boundary, spin, ball, rain",
        ),
        Clip(
            slug="tour-de-france",
            title="Tour de France, la grande étape de montagne",
            language="fr-FR",
            minutes=12.9,
            created="2024-07-14",
            topics="sports",
            main="tour de france, cyclisme, montagne",
            also="maillot jaune, peloton, col du galibier, échappée, sprint, coureur, vélo, alpes, descente, "
            "spectateurs, ravitaillement, chronomètre, france, victoire",
        ),
        Clip(
            slug="north-sea-storm",
            title="Evening news: a North Sea storm closes the ports",
            language="en-GB",
            minutes=1.9,
            created="2024-01-22",
            topics="news, nature",
            main="storm, north sea, flood warning",
            also="england, scotland, ferries, power cut, gusts, harbour, coastguard, trains, hull, red warning",
        ),
        Clip(
            slug="election-count",
            title="Election night: how the votes are counted",
            language="en-GB",
            minutes=8.5,
            created="2024-07-05",
            main="election, votes, count",
            also="ballot box, sunderland, returning officer, candidates, exit poll, recount, sports hall, rosettes, "
            "constituency, turnout, parliament",
        ),
        Clip(
            slug="cornish-pasty",
            title="The Cornish pasty, step by step",
            language="en-GB",
            minutes=6.9,
            topics="food",
            main="pasty, cornwall, pastry",
            also="beef, swede, potato, crimping, oven, tin miners, baker, lunch, recipe, onion, rolling pin",
        ),
        Clip(
            slug="pasta-bologna",
            title="Pasta fresca a Bologna, le mani di una sfoglina",
            language="it-IT",
            minutes=10.3,
            topics="food",
            main="pasta, bologna, sfoglia",
            also="tortellini, mattarello, farina, uova, ricetta, cucina, ragù, nonna, bottega, emilia, brodo, "
            "parmigiano, italia",
        ),
        Clip(
            slug="farne-puffins",
            title="Puffins of the Farne Islands",
            language="en-GB",
            minutes=21.0,
            topics="nature, travel",
            main="puffins, farne islands, seabirds",
            also="northumberland, england, ranger, burrow, sand eels, colony, seal, boat, cliff, ringing, census, "
            "national trust, tern, chicks, lighthouse, climate",
        ),
        Clip(
            slug="holkham-tide",
            title="Holkham beach: the tide comes in (no words)",
            language="en-GB",
            minutes=1.2,
            topics="nature",
            spoken=False,
        ),
    ),
)

PROJECTS = (
    Project(
        slug="england-on-film-reel",
        title="England on film: a five minute reel",
        created="2024-12-12",
        parts=(
            Part("ealing-comedies", start=955, length=95),
            Part("kitchen-sink-realism", start=1825, length=110),
            Part("london-film-festival-opening", start=375, length=95),
        ),
    ),
)
