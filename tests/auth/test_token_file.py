"""The file that keeps tokens between runs: what is written, what is believed, and who may read it."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.auth import token_file
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tests.auth.test_bearer import _refused, header, refreshing
from tests.support.answering import Answering, stream_asking
from tests.support.clock import FakeClock
from tests.support.logs import warnings

ROOT = Path(__file__).parents[2]
DAY = 24 * 60 * 60
NOW = int(FakeClock().now().timestamp())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets" / "tokens.json"


@pytest.fixture
def linkedin() -> Iterator[Sandbox]:
    """A token host that gives a new refresh token each time; the one before is dead."""
    with Sandbox(World(posts=1, followers=1)) as serving:
        serving.tokens.rotates = True
        yield serving


def settings_of(linkedin: Sandbox, path: Path, **config: Any) -> dict[str, Any]:
    return refreshing(f"{linkedin.url}/oauth/v2", token_file=str(path), **config)


def sent(linkedin: Sandbox, path: Path, **config: Any) -> str:
    """The header of a run with this file."""
    return header(BearerToken(settings_of(linkedin, path, **config), FakeClock()))


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def stored(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text()))


def write(path: Path, **changed: Any) -> None:
    """A good file of this client, grown from the sandbox's refresh token, but for what is changed."""
    good = {
        "version": 1,
        "client": hashed(Sandbox.client_id),
        "grown_from": [hashed(Sandbox.refresh_token)],
        "access_token": "kept-access-token",
        "obtained_at": NOW - DAY,
        "expires_at": NOW + 50 * DAY,
        "refresh_token": "kept-refresh-token",
        "refresh_token_expires_at": NOW + 300 * DAY,
        "scope": "r_dma_admin_pages_content",
    }
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({**good, **changed}))


# What is written


def test_what_a_refresh_gives_is_kept(linkedin: Sandbox, path: Path) -> None:
    """All that the next run and a login need, no more, and of the settings just hashes."""
    clock = FakeClock()
    token = BearerToken(settings_of(linkedin, path, access_token="old"), clock)
    assert token.renew(_refused("old"))
    assert stored(path) == {
        "version": 1,
        "client": hashed(Sandbox.client_id),
        "grown_from": [hashed("old"), hashed(Sandbox.refresh_token)],
        "access_token": header(token).removeprefix("Bearer "),
        "obtained_at": NOW,
        "expires_at": NOW + 60 * DAY,
        "refresh_token": linkedin.tokens.refresh_token,
        "refresh_token_expires_at": NOW + 365 * DAY,
        "scope": Sandbox.scope,
    }
    assert linkedin.tokens.refresh_token != Sandbox.refresh_token


def test_the_module_says_what_is_in_the_file(linkedin: Sandbox, path: Path) -> None:
    """Its description has the same names, in the same order."""
    sent(linkedin, path)
    described = (token_file.__doc__ or "").partition("{\n")[2].partition("}")[0]
    assert [line.partition('"')[2].partition('"')[0] for line in described.strip().splitlines()] == list(stored(path))


def test_without_the_setting_nothing_is_written(linkedin: Sandbox, tmp_path: Path) -> None:
    """Keeping tokens is the user's decision."""
    header(BearerToken(refreshing(f"{linkedin.url}/oauth/v2"), FakeClock()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_only_the_owner_can_read_what_is_written(linkedin: Sandbox, path: Path, umask: int) -> None:
    """Neither the folder nor any file in it, whatever the user's habits are."""
    before = os.umask(umask)
    try:
        sent(linkedin, path)
    finally:
        os.umask(before)
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in (path.parent, *path.parent.iterdir())}
    assert modes == {"secrets": 0o700, "tokens.json": 0o600, "tokens.json.lock": 0o600}


def test_what_a_killed_run_left_half_written_is_not_in_the_way(linkedin: Sandbox, path: Path) -> None:
    """It is not read, and goes with the next lock, whether or not anything is written then."""
    path.parent.mkdir()
    left = path.with_name("tokens.json.new")
    left.write_text('{"version": 1, "acc')
    left.chmod(0o644)
    sent(linkedin, path)
    assert stored(path)["refresh_token"] == linkedin.tokens.refresh_token
    assert not left.exists()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or sys.platform == "win32"
    left.write_text("invented-new-token")
    with TokenFile({"token_file": str(path)}, FakeClock()).locked():
        assert not left.exists()


def test_a_link_stays_a_link(linkedin: Sandbox, path: Path, tmp_path: Path) -> None:
    """What it points at is replaced."""
    link = tmp_path / "link.json"
    link.symlink_to(path)
    sent(linkedin, link)
    assert link.is_symlink()
    assert stored(path)["refresh_token"] == linkedin.tokens.refresh_token


def test_tokens_that_cannot_be_written_do_not_end_the_run(
    linkedin: Sandbox, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They are good until it ends; a warning says what is lost then."""
    # A folder where the new file should go up cannot be removed as a file.
    path.with_name("tokens.json.new").mkdir(parents=True)
    token = BearerToken(settings_of(linkedin, path), FakeClock())
    assert header(token).startswith("Bearer AQ")
    (warning,) = warnings(caplog)
    assert warning.startswith(f"The new tokens could not be written to the token_file {path} (")


def test_a_folder_that_cannot_be_written_is_told_before_a_refresh_token_is_used_up(
    linkedin: Sandbox, tmp_path: Path
) -> None:
    """LinkedIn's answer would be lost."""
    blocking = tmp_path / "file"
    blocking.touch()
    with pytest.raises(TokenRejected, match=r"token_file .*/file/tokens.json"):
        sent(linkedin, blocking / "tokens.json")
    assert linkedin.requests == []


# What is believed


def test_a_later_run_goes_on_with_the_files_tokens(linkedin: Sandbox, path: Path) -> None:
    """With the access token at once, and when that is refused with the last refresh token."""
    config = settings_of(linkedin, path, access_token="old")
    assert (first := BearerToken(config, FakeClock())).renew(_refused("old"))
    linkedin.clear()
    second = BearerToken(config, FakeClock())
    assert header(second) == header(first)
    # The first run ended a moment ago: LinkedIn may not know the token everywhere yet.
    assert second.is_fresh
    assert linkedin.requests == []
    assert second.renew(second(_refused("")))
    assert header(second) != header(first)
    assert [asked.status for asked in linkedin.requests] == [200]


def test_a_token_that_is_set_anew_wins_over_the_file(linkedin: Sandbox, path: Path) -> None:
    """Who logs in again and sets the new refresh_token must not meet the dead one."""
    write(path, refresh_token="dead")
    linkedin.tokens.refresh_token = "set-anew"
    config = settings_of(linkedin, path, refresh_token="set-anew")
    token = header(BearerToken(config, FakeClock()))
    assert token != "Bearer kept-access-token"
    assert stored(path)["grown_from"] == [hashed("set-anew")]
    # From here on the file is the newer one again.
    assert header(BearerToken(config, FakeClock())) == token


def test_an_access_token_that_is_set_anew_leaves_the_files_refresh_token(linkedin: Sandbox, path: Path) -> None:
    """The settings' one may be dead, the file's is the last."""
    write(path)
    linkedin.tokens.refresh_token = "kept-refresh-token"
    token = BearerToken(settings_of(linkedin, path, access_token="set-anew"), FakeClock())
    assert header(token) == "Bearer set-anew"
    assert token.renew(_refused("set-anew"))
    assert [asked.status for asked in linkedin.requests] == [200]


def test_the_file_alone_is_enough(linkedin: Sandbox, path: Path) -> None:
    """After a login no token need stand in the settings; before it, that is a sentence."""
    with pytest.raises(TokenRejected, match=rf"token_file {path} holds no access token"):
        sent(linkedin, path, refresh_token=None)
    assert linkedin.requests == []
    write(path, grown_from=[])
    token = BearerToken(settings_of(linkedin, path, refresh_token=None), FakeClock())
    assert header(token) == "Bearer kept-access-token"
    write(path, grown_from=[], access_token=None)
    linkedin.tokens.refresh_token = "kept-refresh-token"
    assert sent(linkedin, path, refresh_token=None).startswith("Bearer AQ")


def test_a_tap_with_just_a_token_file_reads_pages(sandbox: Sandbox, path: Path) -> None:
    """The settings ask for no more."""
    write(path, client=None, grown_from=[], access_token=sandbox.token, refresh_token=None)
    stream = stream_asking(sandbox.url, access_token=None, token_file=str(path))
    assert stream.client.fetch("dmaMe")["id"]


def test_a_file_of_another_client_is_neither_used_nor_lost(linkedin: Sandbox, path: Path) -> None:
    """Two apps that share a file would take each other's tokens."""
    write(path, client=hashed("another"))
    before = path.read_bytes()
    with pytest.raises(TokenRejected, match=rf"token_file {path} belongs to another client_id"):
        sent(linkedin, path)
    assert path.read_bytes() == before
    assert linkedin.requests == []


TIMES = ("obtained_at", "expires_at", "refresh_token_expires_at")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version": 1}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b" " * 2_000_000 + b"{}",
        {"version": 2},
        {"expires_at": "tomorrow"},
        {"expires_at": True},
        {"obtained_at": 1.5},
        *({name: time} for name in TIMES for time in (10**11, 10**400, -1)),
        {"access_token": 7},
        {"access_token": "one\ntwo"},
        {"refresh_token": ["r"]},
        {"scope": {}},
        {"grown_from": None},
        {"client": 7},
    ],
)
def test_a_broken_file_is_one_sentence(linkedin: Sandbox, path: Path, text: Any) -> None:
    """Which names it and quotes nothing of it; it stays as it is."""
    write(path, **(text if isinstance(text, dict) else {}))
    if isinstance(text, bytes):
        path.write_bytes(text)
    before = path.read_bytes()
    with pytest.raises(TokenRejected) as caught:
        sent(linkedin, path)
    assert str(caught.value) == (
        f"The token_file {path} is broken, or of another version of this tap. Log in again "
        "(tap-linkedin-dma login), which replaces it."
    )
    assert path.read_bytes() == before
    assert linkedin.requests == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666])
def test_a_file_that_others_can_read_is_closed_with_a_warning(
    linkedin: Sandbox, path: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    """And used: what others have read cannot be taken back by not using it."""
    write(path)
    path.chmod(mode)
    assert sent(linkedin, path) == "Bearer kept-access-token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (warning,) = warnings(caplog)
    assert warning.startswith(f"The token_file {path} could be read by others; its mode is 600 now.")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make another's file")
def test_a_file_that_cannot_be_closed_to_others_is_refused(path: Path) -> None:
    """It belongs to somebody else; the sentence names it."""
    write(path)
    path.chmod(0o644)
    # The folders that pytest makes are closed to the other user, an open working folder is not.
    before = Path.cwd()
    os.chdir(path.parent)
    file = TokenFile({"token_file": str(path)}, FakeClock())
    file.path = Path(path.name)
    os.seteuid(65534)
    try:
        with pytest.raises(TokenRejected, match=r"token_file tokens.json can be read by others, and that cannot"):
            file.tokens()
    finally:
        os.seteuid(0)
        os.chdir(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_the_member_token_has_no_file(sandbox: Sandbox, path: Path) -> None:
    """It cannot be renewed, and the pages' token must not be sent in its place."""
    write(path, client=None, access_token="of-the-pages")
    stream = stream_asking(
        sandbox.url, access_token=None, token_file=str(path), member_access_token=sandbox.member_token
    )
    members = stream._tap.streams["member_authorizations"]
    members.client.token(asked := _refused(""))  # type: ignore[attr-defined]
    assert asked.headers["Authorization"] == f"Bearer {sandbox.member_token}"
    assert not members.client.token.renew(asked)  # type: ignore[attr-defined]


# Two runs with one file


def test_a_run_uses_what_another_one_has_renewed_meanwhile(linkedin: Sandbox, path: Path) -> None:
    """Its own refresh token is dead by then."""
    config = settings_of(linkedin, path, access_token="old")
    here, there = BearerToken(config, FakeClock()), BearerToken(config, FakeClock())
    assert header(here) == header(there) == "Bearer old"
    assert there.renew(_refused("old"))
    assert here.renew(_refused("old"))
    assert header(here) == header(there)
    assert len(linkedin.requests) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_a_disk_without_locks_is_a_sentence(linkedin: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file as a lock would outlive a run that is killed, and bar all later ones."""

    def missing(*_: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", missing)
    with pytest.raises(TokenRejected, match=rf"token_file {path} cannot be written and locked \(Function not"):
        sent(linkedin, path)
    assert linkedin.requests == []


class Patient(FakeClock):
    """A clock on which a wait lasts until the first run is done."""

    done = threading.Event()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        assert self.done.wait(10)


def test_runs_side_by_side_never_use_a_refresh_token_twice(linkedin: Sandbox, path: Path) -> None:
    """One waits until the other's new tokens are written; none is refused, and none lost."""
    config = settings_of(linkedin, path, access_token="old")
    together = threading.Barrier(2)

    def renew(token: BearerToken) -> str:
        sent = token(_refused(""))
        together.wait(10)
        assert token.renew(sent)
        Patient.done.set()
        return header(token)

    with ThreadPoolExecutor(2) as threads:
        assert len(set(threads.map(renew, [BearerToken(config, Patient()) for _ in range(2)]))) == 1
    assert [asked.status for asked in linkedin.requests] == [200]


HOLD = """
import sys
from tap_linkedin_dma.api.clock import SystemClock
from tap_linkedin_dma.auth.token_file import TokenFile
with TokenFile({"token_file": sys.argv[1]}, SystemClock()).locked():
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_the_lock_of_another_process_is_waited_for_and_ends_with_it(linkedin: Sandbox, path: Path) -> None:
    """For some minutes, then a sentence names the file; the system frees the lock of a run that was killed."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        clock = FakeClock()
        with pytest.raises(TokenRejected, match=rf"token_file {path} is locked by another run"):
            header(BearerToken(settings_of(linkedin, path), clock))
        assert linkedin.requests == []
        assert clock.monotonic() == 300
        holder.kill()
    assert header(BearerToken(settings_of(linkedin, path), clock)).startswith("Bearer AQ")
    assert clock.monotonic() == 300


def test_a_killed_write_leaves_the_old_file_or_the_new_one(path: Path) -> None:
    """A reader at any moment sees one of them, whole."""
    write(path)
    file = TokenFile({"token_file": str(path), "client_id": Sandbox.client_id}, FakeClock())
    seen: set[str | None] = set()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.add(file.tokens().access_token)

    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(look)
        for number in range(100):
            with file.locked():
                file.write(Tokens(f"{number}-" + "x" * 20_000))
        done.set()
        looking.result()
    assert {len(token or "") >= 16 for token in seen} == {True}


# What is no file of the tap's


def unusable(path: Path | str) -> str:
    """The sentence for a token file that cannot be used; nothing is waited for."""
    clock = FakeClock()
    with pytest.raises(TokenRejected) as caught:
        TokenFile({"token_file": str(path), "client_id": Sandbox.client_id}, clock).tokens()
    assert clock.slept == []
    return str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files, and makes no links")
def test_only_a_plain_file_is_read(path: Path) -> None:
    """A pipe would keep the tap waiting, a device would never end."""
    path.parent.mkdir()
    os.mkfifo(path)
    assert unusable(path) == f"The token_file {path} is not a plain file. Choose another path."
    assert "is not a plain file" in unusable("/dev/zero")
    assert f"token_file {path.parent} cannot be read" in unusable(path.parent)
    first, second = path.with_name("first"), path.with_name("second")
    first.symlink_to(second)
    second.symlink_to(first)
    assert "Choose another path" in unusable(first)


@pytest.mark.parametrize("name", ["a\0b", "\ud83d", "~nobody-of-this-name/tokens.json", "x" * 5_000])
def test_a_name_that_no_file_can_have_is_a_sentence(name: str) -> None:
    assert "token_file" in unusable(name)


@pytest.mark.parametrize("can_remove", [True, False])
def test_a_disk_that_breaks_keeps_no_half_written_token(
    path: Path, monkeypatch: pytest.MonkeyPatch, can_remove: bool
) -> None:
    """The new file is removed, or at least emptied; the old one stands."""
    write(path)
    before = path.read_text()

    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    file = TokenFile({"token_file": str(path), "client_id": Sandbox.client_id}, FakeClock())
    with file.locked():
        monkeypatch.setattr(os, "fsync", broken)
        if not can_remove:
            new = path.with_name(f"{path.name}.new")
            unlink = Path.unlink
            monkeypatch.setattr(Path, "unlink", lambda self, **more: broken() if new.exists() else unlink(self, **more))
        with pytest.raises(OSError, match="Input/output"):
            file.write(Tokens("invented-new-token"))
    assert path.read_text() == before
    assert not any("invented-new-token" in entry.read_text() for entry in path.parent.iterdir())


@pytest.mark.parametrize(("days", "warned"), [(31, 0), (29, 1), (-1, 1)])
def test_an_access_token_that_nothing_renews_is_warned_of(
    path: Path, days: int, warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    """From thirty days before its end, with the date."""
    write(path, client=None, grown_from=[], refresh_token=None, expires_at=NOW + days * DAY)
    clock = FakeClock()
    token = BearerToken({"token_file": str(path)}, clock)
    assert header(token) == header(token) == "Bearer kept-access-token"
    ends = clock.now().add(days=days).to_date_string()
    warning = (
        f"LinkedIn's access token expires on {ends}, and nothing renews it. Log in again "
        "(tap-linkedin-dma login) before that day, or set the new access_token."
    )
    assert warnings(caplog) == [warning] * warned


def test_a_kept_refresh_token_that_ends_soon_is_warned_of(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """At the first use of the file, without a refresh."""
    write(path, refresh_token_expires_at=NOW + 12 * DAY)
    with Answering() as host:
        header(BearerToken(refreshing(host.url, refresh_token=None, token_file=str(path)), FakeClock()))
        assert host.asked == []
    (warning,) = warnings(caplog)
    assert "refresh token expires on 2026-03-14" in warning


def test_a_kept_token_past_its_end_is_renewed_before_it_is_sent(linkedin: Sandbox, path: Path) -> None:
    """Without a client it is sent as it is: whether it is good is LinkedIn's to say."""
    write(path, expires_at=NOW - 1)
    linkedin.tokens.refresh_token = "kept-refresh-token"
    assert sent(linkedin, path).startswith("Bearer AQ")
    write(path, client=None, grown_from=[], expires_at=NOW - 1)
    assert header(BearerToken({"token_file": str(path)}, FakeClock())) == "Bearer kept-access-token"
