"""Films, festivals and journeys in other countries, mostly in their own languages."""

from examples.clips import Clip, Theme

THEME = Theme(
    "world",
    topics="film",
    labels="person, outdoor, building, text",
    clips=(
        Clip(
            slug="cannes-croisette",
            title="Festival de Cannes, une journée sur la Croisette",
            language="fr-FR",
            minutes=17.0,
            created="2024-05-18",
            main="cannes, festival, cinéma",
            also="palme d'or, croisette, tapis rouge, montée des marches, jury, réalisatrice, avant-première, "
            "photographes, france, compétition, palais, projection, plage, critique, scénario",
        ),
        Clip(
            slug="nouvelle-vague-paris",
            title="La Nouvelle Vague racontée par les rues de Paris",
            language="fr-FR",
            minutes=32.7,
            topics="film, history",
            main="nouvelle vague, paris, cinéma",
            also="caméra, truffaut, champs-élysées, cinémathèque, revue, france, noir et blanc, montage, café, "
            "quatre cents, jeunesse, décor naturel, tournage, dialogue, métro, auteur, quartier latin",
        ),
        Clip(
            slug="lyon-lumiere",
            title="Lyon, berceau du cinéma",
            language="fr-FR",
            minutes=14.1,
            topics="film, history",
            main="lyon, lumière, cinématographe",
            also="france, cinéma, usine, ouvriers, invention, plaque, musée, festival, pellicule, train, premier film, "
            "projection, monplaisir, famille",
        ),
        Clip(
            slug="venezia-mostra",
            title="Venezia, dieci giorni alla Mostra del Cinema",
            language="it-IT",
            minutes=20.9,
            created="2024-09-08",
            main="venezia, mostra del cinema, festival",
            also="lido, leone d'oro, giuria, regista, tappeto rosso, italia, vaporetto, anteprima, laguna, attrice, "
            "proiezione, critica, sala grande, film, applausi",
        ),
        Clip(
            slug="cinecitta",
            title="Cinecittà, la fabbrica dei sogni",
            language="it-IT",
            minutes=37.2,
            topics="film, history",
            main="cinecittà, roma, cinema",
            also="set, fellini, teatro cinque, scenografia, italia, costumi, peplum, neorealismo, comparse, regista, "
            "falegnami, gladiatori, via tuscolana, dolce vita, luci, macchina da presa, doppiaggio",
        ),
        Clip(
            slug="venice-lido",
            title="Venice Film Festival: the view from the Lido",
            language="en-GB",
            minutes=10.8,
            created="2024-09-05",
            main="film festival, venice, lido",
            also="italy, golden lion, premiere, water taxi, red carpet, jury, director, critics, screening, bicycle, "
            "applause, lagoon, italian cinema, espresso",
        ),
        Clip(
            slug="bollywood-film-city",
            title="Bollywood: a day in Mumbai's film city",
            language="en-US",
            minutes=23.5,
            topics="film, music",
            main="bollywood, india, mumbai",
            also="film city, dance, choreographer, playback singer, songs, hindi, director, monsoon, costume, "
            "film set, musical, lights, box office, extras, film industry, star, rickshaw, wedding scene",
        ),
        Clip(
            slug="anime-studio-tokyo",
            title="東京のアニメ制作スタジオを訪ねる",
            language="ja-JP",
            minutes=18.3,
            main="アニメ, 東京, スタジオ",
            also="日本, 監督, 作画, 絵コンテ, 声優, 原画, 背景美術, 色彩, 締め切り, 漫画, 荻窪, 主題歌, 撮影, 映画",
        ),
        Clip(
            slug="kyoto-golden-age",
            title="日本映画の黄金時代と京都の撮影所",
            language="ja-JP",
            minutes=35.4,
            topics="film, history",
            main="日本映画, 京都, 撮影所",
            also="時代劇, 侍, 監督, 黒澤明, 小津安二郎, 太秦, 俳優, 白黒, セット, 刀, 脚本, フィルム, 映画館, 照明, "
            "衣装, 日本",
        ),
        Clip(
            slug="tokyo-film-festival",
            title="東京国際映画祭の歩き方",
            language="ja-JP",
            minutes=7.7,
            created="2024-10-30",
            main="映画祭, 東京, 東京国際映画祭",
            also="日比谷, 有楽町, レッドカーペット, 上映, 審査員, 監督, アニメ, チケット, 映画, 日本, アジア",
        ),
        Clip(
            slug="anime-season",
            title="Anime explained: how a Tokyo studio draws a season",
            language="en-US",
            minutes=21.9,
            topics="film, technology",
            main="anime, tokyo, japan",
            also="animation, storyboard, key frames, manga, voice actors, director, background art, deadline, studio, "
            "in-between, opening song, streaming, episode, tablet, akihabara, fans, soundtrack",
        ),
        Clip(
            slug="berlinale-nacht",
            title="Berlinale: die lange Nacht des Kinos",
            language="de-DE",
            minutes=16.2,
            created="2024-02-20",
            main="berlinale, berlin, filmfestival",
            also="goldener bär, kino, potsdamer platz, regisseurin, wettbewerb, premiere, publikum, roter teppich, "
            "dokumentarfilm, schlange, deutschland, jury, drehbuch, winter, nacht",
        ),
        Clip(
            slug="babelsberg",
            title="Babelsberg: hinter den Kulissen der alten Filmstadt",
            language="de-DE",
            minutes=30.5,
            topics="film, history",
            main="babelsberg, filmstudio, kulissen",
            also="potsdam, metropolis, stummfilm, deutschland, marlene dietrich, werkstatt, requisite, regisseur, "
            "defa, kamera, kostüme, straße, tonfilm, beleuchter, filmgeschichte, kino, atelier",
        ),
        Clip(
            slug="san-sebastian",
            title="San Sebastián, la semana del festival de cine",
            language="es-ES",
            minutes=19.8,
            created="2024-09-27",
            main="festival de cine, san sebastián, cine",
            also="concha de oro, directora, kursaal, estreno, alfombra roja, jurado, españa, pintxos, playa, "
            "zinemaldia, guion, lluvia, público, cine español, premio",
        ),
        Clip(
            slug="camino-santiago",
            title="El Camino de Santiago en diez etapas",
            language="es-ES",
            minutes=40.3,
            topics="travel, history",
            main="camino de santiago, peregrinos, españa",
            also="galicia, mochila, etapa, albergue, catedral, burgos, león, puente, lluvia, concha, bastón, románico, "
            "roncesvalles, botas, vino, amanecer, sello",
        ),
        Clip(
            slug="carnival-sao-paulo",
            title="Carnaval: os bastidores de uma escola de samba",
            language="en-US",
            source_language="pt-BR",
            minutes=15.5,
            created="2024-02-12",
            topics="music",
            main="samba school, Carnival, brazil",
            also="drums, são paulo, costume, parade, float, feathers, rehearsal, sambadrome, neighborhood, "
            "flag bearer, Ash Wednesday, seamstress, rhythm, music, dancers",
        ),
        Clip(
            slug="tel-aviv-festival",
            title="פסטיבל הקולנוע של תל אביב והעיר הלבנה",
            language="he-IL",
            minutes=11.6,
            main="תל אביב, פסטיבל, קולנוע",
            also="סינמטק, במאית, סרט, העיר הלבנה, אדריכלות, בכורה, ישראל, קהל, חוף הים, תסריט, סרט תיעודי, כרטיסים",
        ),
    ),
)
