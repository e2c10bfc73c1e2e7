"""`logout`: what becomes of the tokens, and what a person is told to do."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from click.testing import CliRunner, Result

from tap_linkedin_dma.auth.token_file import TokenFile
from tap_linkedin_dma.auth.tokens import Tokens
from tap_linkedin_dma.commands import command_line
from tests.support.answering import Answering, Reply
from tests.support.clock import FakeClock


def logout(folder: Path, **config: str) -> Result:
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    return CliRunner().invoke(command_line(), ["logout", "--config", str(file)])


@pytest.mark.parametrize(
    ("status", "says"), [(200, "LinkedIn has revoked it."), (404, "The member can: at linkedin.com")]
)
def test_tokens_are_revoked_and_the_file_is_removed(tmp_path: Path, status: int, says: str) -> None:
    """LinkedIn is asked for each token once; the file goes whatever it answers, and no token is printed.

    A token that lives on is a failure, as a script must see.
    """
    kept = tmp_path / "tokens.json"
    config = {"token_file": str(kept), "client_id": "id", "client_secret": "secret", "access_token": "of-the-settings"}
    file = TokenFile(config, FakeClock())
    with file.locked():
        file.write(Tokens("of-the-settings", refresh_token="refreshing"))
    with Answering(lambda _: Reply(b"" if status == 200 else {"message": "no"}, status)) as linkedin:
        result = logout(tmp_path, oauth_url=linkedin.url, **config)
    assert result.exit_code == (0 if status == 200 else 1), result.output
    assert [parse_qs(asked.body.decode())["token"] for asked in linkedin.asked] == [["of-the-settings"], ["refreshing"]]
    assert {asked.target for asked in linkedin.asked} == {"/revoke"}
    assert result.output.count(says) == 2
    assert not kept.exists()
    assert "is removed" in result.output
    assert "Remove from your settings too: access_token." in result.output
    assert "refreshing" not in result.output
    assert "of-the-settings" not in result.output


def test_without_the_app_s_credentials_it_says_what_to_do(tmp_path: Path) -> None:
    """LinkedIn takes no other word for it."""
    result = logout(tmp_path, access_token="of-the-settings", token_file=str(tmp_path / "none.json"))
    assert "access_token: not revoked, since client_id and client_secret are not set." in result.output
    assert "There is no token_file." in result.output
    assert result.exit_code == 1
