"""The file that keeps tokens from one run to the next, if the setting `token_file` names one.

It is one JSON object. Times are epoch seconds; unknown values are null.

    {
      "version": 1,
      "client": "<hash of client_id, null if none is set>",
      "grown_from": ["<hash of an access_token or refresh_token of the settings>", ...],
      "access_token": "...",
      "obtained_at": 1767225600,
      "expires_at": 1772409600,
      "refresh_token": "...",
      "refresh_token_expires_at": 1798761600,
      "scope": "r_dma_admin_pages_content"
    }

A hash is the SHA-256 of the text, in hex. `grown_from` says which tokens the settings had when the file was
written. A token of the settings that it does not name has been set since, and overrides the file's.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import LOG_IN, TokenRejected
from tap_linkedin_dma.auth.tokens import Tokens, clean_token

VERSION = 1

_LONGEST_WAIT = 300
"""Seconds to wait for another run that holds the lock: longer than its requests to the token host take."""

_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_LARGEST = 1024 * 1024
"""Bytes that are read; a longer file is not the tap's."""

_LATEST = 10**11
"""Epoch seconds; no token is valid that long, and Python's dates end soon after."""

_TEXTS = ("access_token", "refresh_token", "scope")
_TIMES = ("obtained_at", "expires_at", "refresh_token_expires_at")

logger = logging.getLogger("tap-linkedin-dma.token_file")


class TokenFile:
    """Reads and writes the file for these settings.

    Args:
        config: the tap's settings, with `token_file`.
        clock: for the wait for another run.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        try:
            # Resolved, so that writing replaces the file and not a link to it.
            self.path = Path(config["token_file"]).expanduser().resolve()
        except (OSError, RuntimeError, ValueError):
            msg = "The setting token_file is not a place where a file can be. Choose another path."
            raise TokenRejected(msg) from None
        self._clock = clock
        self._client = _hash(config["client_id"]) if config.get("client_id") else None
        self._set = Tokens(config.get("access_token") or None, refresh_token=config.get("refresh_token") or None)

    def tokens(self) -> Tokens:
        """The tokens to use: the file's, except those that the settings have changed since it was written.

        Raises:
            TokenRejected: if the file cannot be used; the sentence names it.
        """
        text = self._text()
        if text is None:
            return self._set
        try:
            stored, grown_from, client = _read(text)
        except (ValueError, LookupError, TypeError, RecursionError):
            msg = (
                f"The token_file {self.path} is broken, or of another version of this tap. {LOG_IN}, which replaces it."
            )
            raise TokenRejected(msg) from None
        if None not in (client, self._client) and client != self._client:
            msg = f"The token_file {self.path} belongs to another client_id. Choose another path, or remove this file."
            raise TokenRejected(msg)
        if self._set.refresh_token and _hash(self._set.refresh_token) not in grown_from:
            return self._set
        if self._set.access_token and _hash(self._set.access_token) not in grown_from:
            return replace(stored, access_token=self._set.access_token, obtained_at=None, expires_at=None)
        return stored

    def write(self, tokens: Tokens) -> None:
        """Replace the file's tokens; to be called under the lock.

        Raises:
            OSError: if that fails; the file is then unchanged.
        """
        configured = (self._set.access_token, self._set.refresh_token)
        grown_from = [_hash(token) for token in configured if token]
        text = json.dumps({"version": VERSION, "client": self._client, "grown_from": grown_from, **asdict(tokens)})
        new = self._new
        new.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except BaseException:
            self._remove_new()
            raise
        self._sync_folder()

    def remove(self) -> bool:
        """Remove the file; to be called under the lock.

        Returns:
            Whether there was one.

        Raises:
            OSError: if it cannot be removed.
        """
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        return True

    @property
    def _new(self) -> Path:
        """The temporary file that tokens are written to first."""
        return self.path.with_name(f"{self.path.name}.new")

    def _remove_new(self) -> None:
        """Remove the temporary file; on a broken disk a file that cannot be removed may still be emptied."""
        try:
            self._new.unlink(missing_ok=True)
        except OSError:
            with suppress(OSError):
                os.close(os.open(self._new, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from renewing; the system frees the lock if a run dies.

        Raises:
            TokenRejected: if the lock cannot be had, after up to five minutes of waiting for another run.
        """
        # A separate file: the one with the tokens is replaced, and a lock on it would go with the old one.
        # Never a soft lock, which is only a file: that of a killed run would block all later runs.
        lock = FileLock(f"{self.path}.lock", mode=0o600, fallback_to_soft=False)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._acquire(lock)
        except OSError as fault:
            msg = (
                f"The token_file {self.path} cannot be written and locked ({fault.strerror}). "
                "Choose a path that can be written, on another disk if necessary."
            )
            raise TokenRejected(msg) from None
        try:
            # Under the lock no other run writes it: a temporary file was left by a run that was killed.
            self._remove_new()
            yield
        finally:
            lock.release()

    def _acquire(self, lock: FileLock) -> None:
        # Waits here, and not in filelock, which only uses the machine's clock.
        for waited in range(_LONGEST_WAIT):
            with suppress(Timeout):
                lock.acquire(timeout=0)
                return
            if not waited:
                logger.info("The token_file %s is locked by another run: waiting for it.", self.path)
            self._clock.sleep(1)
        msg = f"The token_file {self.path} is locked by another run. Wait for it to end, or give each run its own file."
        raise TokenRejected(msg)

    def _text(self) -> bytes | None:
        try:
            # Non-blocking: a pipe would keep the tap waiting for its writer.
            with os.fdopen(os.open(self.path, _READING), "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    msg = f"The token_file {self.path} is not a plain file. Choose another path."
                    raise TokenRejected(msg)
                self._close_to_others(file.fileno())
                return file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as fault:
            why = getattr(fault, "strerror", None) or "no file can have that name"
            msg = f"The token_file {self.path} cannot be read ({why}). Name a file of your own."
            raise TokenRejected(msg) from None

    def _close_to_others(self, descriptor: int) -> None:
        if sys.platform == "win32" or not os.fstat(descriptor).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return
        try:
            os.fchmod(descriptor, 0o600)
        except OSError:
            msg = f"The token_file {self.path} can be read by others, and that cannot be changed. Set its mode to 600."
            raise TokenRejected(msg) from None
        logger.warning(
            "The token_file %s could be read by others; its mode is 600 now. If you do not trust them, revoke the "
            "tokens in LinkedIn's settings and log in again.",
            self.path,
        )

    def _sync_folder(self) -> None:
        """Write the new file name to disk; Windows does not open folders."""
        if sys.platform != "win32":
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _read(text: bytes) -> tuple[Tokens, list[str], str | None]:
    """The file's tokens, its `grown_from` and its client; an error if it has another form."""
    found = json.loads(text)
    if found["version"] != VERSION:
        raise ValueError
    tokens = Tokens(**{name: found[name] for name in (*_TEXTS, *_TIMES)})
    texts, times = [found["client"], *(found[name] for name in _TEXTS)], [found[name] for name in _TIMES]
    # By type and not isinstance, for which true is a whole number.
    if not (
        {type(value) for value in texts} <= {str, type(None)} and {type(value) for value in times} <= {int, type(None)}
    ):
        raise TypeError
    if any(time is not None and not 0 <= time < _LATEST for time in times):
        raise ValueError
    for token in (tokens.access_token, tokens.refresh_token):
        if token is not None and clean_token(token) != token:
            raise ValueError
    return tokens, list(found["grown_from"]), found["client"]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
