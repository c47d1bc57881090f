"""Limits of requests and answers; the numbers of the contract's comments."""

MAX_ANSWER_BYTES = 4 * 1024 * 1024 - 64 * 1024
"""Answers stay below 4 MiB; this leaves room for page tokens and headers."""

DEFAULT_PAGE = 20
MAX_PAGE = 1_000
DEFAULT_LIST_PAGE = 100
MAX_LIST_PAGE = 1_000
MAX_BATCH = 1_000
MAX_INTERESTS = 10_000
MAX_EXCLUDED = 10_000
MAX_SEEDS = 100
MAX_PROMOTIONS = 100
"""That share the moments of a catalog."""
MAX_PROMOTIONS_OF_VIDEO = 1_000
MAX_SLOTS = 1_000
MAX_PLACEMENTS = 10_000
"""That can be paged through."""
MAX_CONTEXT_SECONDS = 3_600.0
MAX_WINDOW_SECONDS = 86_400.0
MAX_ASKED_KEYWORDS = 100
MAX_STATS_KEYWORDS = 1_000
MAX_TREND_KEYWORDS = 20
MAX_TREND_POINTS = 50_000
MAX_EXCLUDED_KEYWORDS = 1_000
MAX_AUDIENCE_PAGE = 10_000
DEFAULT_AUDIENCE_PAGE = 1_000
MAX_AUDIENCE = 100_000
"""Users that can be paged through."""
MAX_FREQUENCY_CAPS = 10
MAX_CAP_DAYS = 36_500.0
MAX_STANDING_INTERESTS = 100_000
DEFAULT_MOMENTS = 3
MAX_MOMENTS_OF_MATCH = 100
MAX_STANDING_BYTES = 2 * 1024 * 1024
"""So that a whole standing interest fits into one answer."""
MAX_MISSING = 1_000
MAX_CONDITIONS = 100
MAX_CONDITION_VALUES = 1_000
MAX_CONDITION_IDS = 10_000
MAX_WEIGHT = 1e6
MAX_CATALOG_KEYWORDS = 10_000
MAX_SETTINGS_BYTES = 3 * 1024 * 1024
MAX_KEY_BYTES = 256
MAX_SCENARIOS = 1_000
MAX_BOOSTS = 100
MAX_CAPS = 10
MAX_PER_VALUE = 1_000
MAX_PINNED = 100
MAX_PINNED_POSITION = 999
MAX_RECOMMENDATION_ID_BYTES = 512
MAX_WATCHED_SPANS = 1_000
MAX_PROFILE_BYTES = 2 * 1024 * 1024
"""So that a whole profile, its derived interests and an event fit into one answer."""
MAX_CLOCK_LEAD_SECONDS = 3_600
"""How far ahead of the server's clock an event may lie."""
MAX_SCANNED_PROFILES = 10_000
"""Profiles that one page of a list looks at, however few of them its filter allows."""
