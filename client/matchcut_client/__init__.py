"""The Python client of Matchcut, which matches people and videos by keywords."""
# ruff: noqa: F403 - each module lists in `__all__` what is public, and a test pins the sum

from importlib.metadata import version

from matchcut_client import (
    catalogs,
    client,
    errors,
    paging,
    profiles,
    recommendations,
    reduction,
    scenarios,
    search,
    targeting,
    types,
    videos,
)
from matchcut_client.catalogs import *
from matchcut_client.client import *
from matchcut_client.errors import *
from matchcut_client.paging import *
from matchcut_client.profiles import *
from matchcut_client.recommendations import *
from matchcut_client.reduction import *
from matchcut_client.scenarios import *
from matchcut_client.search import *
from matchcut_client.targeting import *
from matchcut_client.types import *
from matchcut_client.videos import *

__version__ = version("matchcut-client")

__all__ = ["__version__"]
__all__ += client.__all__ + errors.__all__ + paging.__all__ + reduction.__all__
__all__ += types.__all__ + catalogs.__all__ + videos.__all__ + profiles.__all__ + recommendations.__all__
__all__ += scenarios.__all__ + search.__all__ + targeting.__all__
