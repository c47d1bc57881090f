"""Words the themes share: the filler an extractor always finds, topics, and what is seen in the picture."""

from dataclasses import dataclass

FILLER: dict[str, tuple[str, ...]] = {
    "en": ("today", "people", "start", "time", "place", "year", "idea", "question"),
    "de": ("heute", "menschen", "zeit", "anfang", "jahr", "frage"),
    "fr": ("aujourd'hui", "gens", "temps", "jour", "idée", "question"),
    "es": ("hoy", "gente", "tiempo", "día", "año", "pregunta"),
    "it": ("oggi", "gente", "tempo", "giorno", "anno", "domanda"),
    "ja": ("今日", "時間", "場所", "今年", "質問"),
    "he": ("היום", "אנשים", "זמן", "מקום", "שאלה"),
}
"""Words that say nothing about a video, by language."""


@dataclass(frozen=True)
class Topic:
    """A topic with its place in the three hierarchies and its name by language."""

    reference: str
    iptc: str
    iab: str
    names: dict[str, str]


def _names(en: str, de: str, fr: str, es: str, it: str, ja: str, he: str) -> dict[str, str]:
    return {"en": en, "de": de, "fr": fr, "es": es, "it": it, "ja": ja, "he": he}


_ARTS = "arts, culture, entertainment and media"
_ECONOMY = "economy, business and finance"

TOPICS: dict[str, Topic] = {
    "film": Topic(
        "Entertainment/Film",
        f"{_ARTS}/arts and entertainment/cinema",
        "Movies",
        _names("Film", "Film", "Cinéma", "Cine", "Cinema", "映画", "קולנוע"),
    ),
    "music": Topic(
        "Entertainment/Music",
        f"{_ARTS}/arts and entertainment/music",
        "Music and Audio",
        _names("Music", "Musik", "Musique", "Música", "Musica", "音楽", "מוזיקה"),
    ),
    "travel": Topic(
        "Travel",
        "lifestyle and leisure/leisure/travel and tourism",
        "Travel",
        _names("Travel", "Reise", "Voyage", "Viajes", "Viaggi", "旅行", "תיירות"),
    ),
    "history": Topic(
        "Education/History",
        f"{_ARTS}/culture/history",
        "Education",
        _names("History", "Geschichte", "Histoire", "Historia", "Storia", "歴史", "היסטוריה"),
    ),
    "sports": Topic(
        "Sports",
        "sport",
        "Sports",
        _names("Sports", "Sport", "Sport", "Deportes", "Sport", "スポーツ", "ספורט"),
    ),
    "business": Topic(
        "Business",
        f"{_ECONOMY}/business information/strategy and marketing/business governance",
        "Business and Finance",
        _names("Business", "Wirtschaft", "Économie", "Negocios", "Economia", "ビジネス", "עסקים"),
    ),
    "technology": Topic(
        "Education/Technology",
        "science and technology",
        "Technology & Computing",
        _names("Technology", "Technik", "Technologie", "Tecnología", "Tecnologia", "テクノロジー", "טכנולוגיה"),
    ),
    "cars": Topic(
        "Automotive",
        f"{_ECONOMY}/economic sector/transport/automotive",
        "Automotive",
        _names("Automotive", "Automobil", "Automobile", "Automoción", "Automobili", "自動車", "רכב"),
    ),
    "food": Topic(
        "Food and Drink",
        "lifestyle and leisure/leisure/food and drink",
        "Food & Drink",
        _names("Food", "Essen", "Cuisine", "Comida", "Cucina", "料理", "אוכל"),
    ),
    "nature": Topic(
        "Environment",
        "environment",
        "Environment",
        _names("Environment", "Umwelt", "Environnement", "Medio ambiente", "Ambiente", "環境", "סביבה"),
    ),
    "news": Topic(
        "News and Politics",
        "politics",
        "News and Politics",
        _names("News", "Nachrichten", "Actualité", "Noticias", "Notizie", "ニュース", "חדשות"),
    ),
}


@dataclass(frozen=True)
class Label:
    """Something seen in the picture, with its name by language."""

    reference: str | None
    names: dict[str, str]


LABELS: dict[str, Label] = {
    "person": Label("person", _names("person", "Person", "personne", "persona", "persona", "人物", "אדם")),
    "clothing": Label(None, _names("clothing", "Kleidung", "vêtements", "ropa", "abbigliamento", "衣服", "ביגוד")),
    "indoor": Label(None, _names("indoor", "Innenraum", "intérieur", "interior", "interno", "屋内", "פנים")),
    "outdoor": Label(None, _names("outdoor", "draußen", "extérieur", "exterior", "esterno", "屋外", "חוץ")),
    "building": Label(
        "structure/building", _names("building", "Gebäude", "bâtiment", "edificio", "edificio", "建物", "בניין")
    ),
    "sky": Label(None, _names("sky", "Himmel", "ciel", "cielo", "cielo", "空", "שמיים")),
    "text": Label(None, _names("text", "Text", "texte", "texto", "testo", "テキスト", "טקסט")),
    "water": Label(None, _names("water", "Wasser", "eau", "agua", "acqua", "水", "מים")),
    "car": Label("vehicle/car", _names("car", "Auto", "voiture", "coche", "automobile", "車", "מכונית")),
    "machine": Label(
        "instrumentality/device/machine",
        _names("machine", "Maschine", "machine", "máquina", "macchina", "機械", "מכונה"),
    ),
    "grass": Label("plant/grass", _names("grass", "Gras", "herbe", "hierba", "erba", "草", "דשא")),
    "bird": Label("animal/bird", _names("bird", "Vogel", "oiseau", "ave", "uccello", "鳥", "ציפור")),
}
