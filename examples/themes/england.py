"""England beyond the cinema: walks, heritage, football and music."""

from examples.clips import Clip, Theme

THEME = Theme(
    "england",
    topics="travel",
    labels="outdoor, sky, person, building",
    clips=(
        Clip(
            slug="hadrians-wall",
            title="Hadrian's Wall in three days",
            language="en-GB",
            minutes=22.8,
            topics="travel, history",
            main="hadrian's wall, england, romans",
            also="walking, northumberland, fort, milecastle, housesteads, sheep, legion, stone, carlisle, bathhouse, "
            "rain, museum, trail, heritage, frontier, sycamore gap, newcastle",
        ),
        Clip(
            slug="cornwall-coast-path",
            title="Cornwall on foot: the coast path from St Ives to Land's End",
            language="en-GB",
            minutes=27.5,
            main="cornwall, coast path, england",
            also="walking, st ives, cliff, tin mine, land's end, harbour, seal, lighthouse, fishing boat, pasty, "
            "beach, engine house, gorse, wind, surfing, rucksack, artists",
        ),
        Clip(
            slug="stonehenge-midsummer",
            title="Stonehenge at midsummer: waiting for the sunrise",
            language="en-GB",
            minutes=8.2,
            created="2024-06-22",
            topics="travel, history",
            main="stonehenge, sunrise, midsummer",
            also="wiltshire, england, druids, stone circle, heritage, solstice, crowd, archaeologist, salisbury plain, "
            "drums, visitor centre, bluestone",
        ),
        Clip(
            slug="lake-district",
            title="The Lake District: rain, fells and gingerbread",
            language="en-GB",
            minutes=19.4,
            main="lake district, england, walking",
            also="windermere, fells, grasmere, wordsworth, beatrix potter, gingerbread, scafell pike, sheep, boat, "
            "dry stone wall, rain, slate, youth hostel, national park, daffodils, tarn",
        ),
        Clip(
            slug="cathedrals-of-england",
            title="Cathedrals of England: York, Durham and Wells",
            language="en-GB",
            minutes=47.9,
            topics="travel, history",
            main="cathedral, england, gothic",
            also="york minster, durham, wells, stained glass, nave, mason, choir, norman, scissor arch, chapter house, "
            "organ, bishop, cloister, tower, scaffolding, heritage, pilgrim, bell, vault, "
            "candle, lead roof, evensong, flying buttress, limestone",
        ),
        Clip(
            slug="liverpool-music",
            title="Liverpool: from the Cavern to the docks",
            language="en-GB",
            minutes=25.7,
            topics="music, travel",
            main="liverpool, beatles, music",
            also="cavern club, merseybeat, england, albert dock, guitar, penny lane, record shop, abbey road, drummer, "
            "ferry, poetry, museum, fans, skiffle, hamburg, song, concert",
        ),
        Clip(
            slug="manchester-bands",
            title="Manchester: the bands that built a city",
            language="en-GB",
            minutes=34.2,
            topics="music, history",
            main="manchester, music, band",
            also="factory records, hacienda, england, post-punk, guitar, drum machine, nightclub, cotton mill, "
            "joy division, oasis, rehearsal room, rain, record label, indie, concert, posters, dance floor, bassline",
        ),
        Clip(
            slug="wembley-cup-final",
            title="Wembley Saturday: a day at the FA Cup final",
            language="en-GB",
            minutes=16.6,
            created="2024-05-26",
            topics="sports",
            main="football, fa cup, wembley",
            also="england, london, supporters, goalkeeper, penalty, final, captain, scarf, anthem, underground, "
            "extra time, referee, trophy, stadium, royal box, goal",
        ),
        Clip(
            slug="non-league-football",
            title="Mud and glory: a season in non-league football",
            language="en-GB",
            minutes=38.8,
            topics="sports",
            main="football, non-league, club",
            also="northumberland, supporters, groundsman, pie, floodlights, promotion, manager, volunteers, "
            "pitch, part-time, goalkeeper, tea hut, derby, relegation, turnstile, fa cup, bus, goal",
        ),
        Clip(
            slug="glastonbury-mud",
            title="Glastonbury: mud, music and a very long weekend",
            language="en-GB",
            minutes=13.3,
            created="2024-07-01",
            topics="music",
            main="glastonbury, music festival, music",
            also="somerset, pyramid stage, tent, headliner, farm, mud, crowd, folk, campsite, wellies, sound "
            "check, guitar, concert, sunset",
        ),
        Clip(
            slug="suedengland-gaerten",
            title="Südengland: Gärten, Küste und Kreidefelsen",
            language="de-DE",
            minutes=29.6,
            main="england, gärten, küste",
            also="kreidefelsen, dover, cornwall, sissinghurst, rosen, kent, brighton, wanderung, herrenhaus, "
            "linksverkehr, tee, gärtner, reise, rasen, leuchtturm, pier",
        ),
    ),
)
