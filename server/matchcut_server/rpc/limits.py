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
MAX_MISSING = 1_000
MAX_CONDITIONS = 100
MAX_CONDITION_VALUES = 1_000
MAX_CONDITION_IDS = 10_000
MAX_WEIGHT = 1e6
MAX_CATALOG_KEYWORDS = 10_000
MAX_KEY_BYTES = 256
