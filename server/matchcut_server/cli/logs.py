"""What commands that work on a store themselves say of it."""

import logging
import sys

import structlog


def log_only_trouble() -> None:
    """Leave out what a server logs of its work: it is told here in another way. Trouble goes where trouble goes."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def log_events() -> None:
    """Log what happens to standard error: structured, one line of JSON an event."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
