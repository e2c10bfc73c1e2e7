"""Fixtures of the tap's tests."""

from __future__ import annotations

import logging
import math
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from linkedin_sandbox import Sandbox, World
from tests.support.clock import NOW as NOW
from tests.support.plain import PlainLinkedIn


def pytest_xdist_auto_num_workers() -> int:
    """Three workers for two cores: about a third of its time a worker waits for a program or a database."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return math.ceil(cores * 1.5)


@pytest.fixture(autouse=True)
def _hooks() -> Iterator[None]:
    """A command of the tap says what becomes of errors that end Python or a thread; after it pytest does again."""
    kept = sys.excepthook, threading.excepthook, sys.unraisablehook
    yield
    sys.excepthook, threading.excepthook, sys.unraisablehook = kept


@pytest.fixture(autouse=True)
def _handlers_of_the_log() -> Iterator[None]:
    """A command that is run in this process adds handlers to the log, which would tell of all later tests too."""
    loggers = [
        logging.root,
        *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)),
    ]
    before = {logger.name: list(logger.handlers) for logger in loggers}
    yield
    for logger in [logging.root, *map(logging.getLogger, list(logging.root.manager.loggerDict))]:
        for handler in list(logger.handlers):
            if handler not in before.get(logger.name, []) and type(handler).__module__ != "_pytest.logging":
                logger.removeHandler(handler)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A small company, served."""
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as serving:
        yield serving


@pytest.fixture
def linkedin() -> Iterator[PlainLinkedIn]:
    """A company of nothing but what a test gives it."""
    serving = PlainLinkedIn()
    with serving:
        yield serving
