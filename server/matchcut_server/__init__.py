"""Matchcut: recommends the videos whose keywords match an interest profile, and says why."""

from importlib.metadata import version

__version__ = version("matchcut-server")
