"""The reports of a run as files: each is whole at any moment, and only its owner can read it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tap_linkedin_dma.api.errors import DmaError


def replace(path: Path, content: bytes, what: str) -> None:
    """Write a file, or replace it.

    Args:
        path: of the file.
        content: of the file.
        what: the words for it in an error.

    Raises:
        DmaError: if that fails; an earlier file is then unchanged.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        new.replace(path)
    except OSError as fault:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        msg = f"The {what} {path} cannot be written ({fault.strerror}). Choose another path."
        raise DmaError(msg) from None
