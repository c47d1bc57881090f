"""English films and the festivals that show them."""

from examples.clips import Clip, Theme

THEME = Theme(
    "english films",
    topics="film",
    labels="person, clothing, indoor, text",
    clips=(
        Clip(
            slug="ealing-comedies",
            title="Ealing comedies: the studio that laughed",
            language="en-GB",
            minutes=24.4,
            main="ealing, england, comedy",
            also="ealing comedies, english film, studio, black humour, ration book, london, screenplay, post-war, "
            "whisky, landlady, heist, alec guinness, script meeting, village, producer, satire, british cinema, lorry",
        ),
        Clip(
            slug="london-film-festival-opening",
            title="BFI London Film Festival: the opening weekend",
            language="en-GB",
            minutes=12.6,
            created="2024-10-12",
            main="film festival, london film festival, london",
            also="bfi, england, red carpet, premiere, southbank, gala, audience, director, royal festival hall, queue, "
            "tickets, british film, debut, jury, leicester square, screening, applause",
        ),
        Clip(
            slug="edinburgh-festival-weekend",
            title="A weekend at the Edinburgh International Film Festival",
            language="en-GB",
            minutes=15.2,
            created="2024-08-19",
            main="film festival, edinburgh, scotland",
            also="short films, documentary, midnight screening, premiere, castle, fringe, director, scottish cinema, "
            "audience award, cinema, bus, umbrella, panel, projectionist",
        ),
        Clip(
            slug="pinewood-stages",
            title="Pinewood Studios: how the big stages work",
            language="en-GB",
            minutes=31.8,
            main="pinewood, film studio, stage",
            also="england, buckinghamshire, set, carpenters, lighting, water tank, james bond, camera, crane, "
            "production designer, plaster, backlot, blue screen, stunt, paint shop, crew, call sheet, english film, "
            "special effects, workshop",
        ),
        Clip(
            slug="shakespeare-on-screen",
            title="Shakespeare on screen: from Stratford to the cinema",
            language="en-GB",
            minutes=42.5,
            topics="film, history",
            main="shakespeare, adaptation, film, england",
            also="hamlet, macbeth, henry v, stratford, verse, laurence olivier, battle scene, theatre, globe, "
            "close-up, ghost, soliloquy, costume, black and white, castle, shakespeare film, language, "
            "tragedy, comedy, screenplay, actor, sword, kenneth branagh, crown, rehearsal",
        ),
        Clip(
            slug="hitchcock-london",
            title="Hitchcock's London: a walk through the early thrillers",
            language="en-GB",
            minutes=28.1,
            topics="film, history",
            main="hitchcock, london, thriller",
            also="leytonstone, silent film, blackmail, british museum, suspense, england, english film, fog, "
            "underground, cameo, lodger, islington, staircase, music hall, cinema, knife, walk, blonde, sound film",
        ),
        Clip(
            slug="kitchen-sink-realism",
            title="Kitchen sink realism: the north of England on film",
            language="en-GB",
            minutes=36.3,
            topics="film, history",
            main="kitchen sink, england, working class",
            also="new wave, salford, nottingham, saturday night, factory, terraced houses, realism, english film, "
            "free cinema, novel, rugby, angry young, canal, pub, black and white, playwright, wages, manchester, "
            "british cinema, location shooting, accent, bicycle, class, censor, brass band",
        ),
        Clip(
            slug="bristol-stop-motion",
            title="Made in Bristol: the craft of stop motion",
            language="en-GB",
            minutes=18.7,
            main="animation, stop motion, bristol",
            also="clay, puppet, aardman, england, animator, frame, armature, miniature set, storyboard, mouth shapes, "
            "short films, patience, comedy, lighting, rabbit, english film, workshop",
        ),
        Clip(
            slug="london-festival-debuts",
            title="London Film Festival: ten debuts to look out for",
            language="en-GB",
            minutes=9.4,
            created="2024-10-02",
            main="film festival, debut, london film festival",
            also="london, first feature, director, trailer, british film, coming-of-age, horror, documentary, bfi, "
            "programme, screening, england, critics, yorkshire",
        ),
        Clip(
            slug="leeds-short-films",
            title="Leeds International Film Festival: a night of short films",
            language="en-GB",
            minutes=14.9,
            created="2024-11-08",
            main="film festival, short films, leeds",
            also="yorkshire, england, town hall, audience award, animation, student film, hyde park, jury, cinema, "
            "comedy, director, popcorn, organ, screening",
        ),
        Clip(
            slug="period-drama-houses",
            title="Period drama country: the English houses behind the films",
            language="en-GB",
            minutes=26.0,
            topics="film, travel",
            main="period drama, england, country house",
            also="chatsworth, jane austen, costume, carriage, derbyshire, ballroom, bath, location manager, gardens, "
            "heritage, english film, national trust, candlelight, film tourism, staircase, bonnet, adaptation, lake",
        ),
        Clip(
            slug="sheffield-documentaries",
            title="Sheffield: a week at the documentary festival",
            language="en-GB",
            minutes=21.3,
            created="2024-06-17",
            main="documentary, film festival, sheffield",
            also="england, steel, director, interview, premiere, archive footage, cinema, panel, yorkshire, pitch, "
            "commissioning editor, truth, camera, virtual reality, audience award",
        ),
        Clip(
            slug="nitrate-archive",
            title="Saving nitrate: inside a film archive",
            language="en-GB",
            minutes=33.6,
            topics="film, history",
            main="film archive, nitrate, restoration",
            also="film reel, vault, silent film, bfi, projector, fire, scanner, scratches, colour grading, "
            "negative, chemist, temperature, lost film, berkhamsted, newsreel, digital copy, english film",
        ),
        Clip(
            slug="volunteer-cinema",
            title="The last picture house: a village cinema run by volunteers",
            language="en-GB",
            minutes=11.1,
            main="cinema, volunteers, village",
            also="projector, shropshire, tickets, velvet seats, matinee, community, english film, popcorn, "
            "roof, fundraising, saturday night, film club",
        ),
    ),
)
