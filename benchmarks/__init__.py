"""Benchmarks: how fast Matchcut is, beside what else could do the same. Run them with `make bench`."""

import logging

import structlog

# As a server logs by default: what nobody reads costs nothing. In every process, children included.
structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING), cache_logger_on_first_use=True
)
