"""The command line: the tap's own options as every Singer user knows them, and commands beside them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from email.message import Message
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from generate.extractor import from_code
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.commands import COMMANDS, command_line
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.runs import settings

ROOT = Path(__file__).parents[2]


def call(*arguments: str, env: Mapping[str, str] | None = None) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(command_line(), arguments, env=env, catch_exceptions=False)


def started(*arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """The command, in a process of its own."""
    command, environment = [sys.executable, "-m", "tap_linkedin_dma", *arguments], {**os.environ, **variables}
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, env=environment, timeout=120)
    assert b"Traceback" not in ended.stderr
    return ended


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> str:
    """A settings file for this sandbox."""
    file = tmp_path / "config.json"
    file.write_text(json.dumps(settings(sandbox)))
    return str(file)


def test_the_options_of_every_tap_stay(config: str) -> None:
    """A command beside them changes nothing of what they do."""
    assert call("--version").stdout.startswith("tap-linkedin-dma v")
    about = json.loads(call("--about", "--format=json").stdout)
    assert about["name"] == "tap-linkedin-dma"
    catalog = json.loads(call("--config", config, "--discover").stdout)
    assert "posts" in {stream["tap_stream_id"] for stream in catalog["streams"]}


def test_settings_that_nobody_should_need_are_not_shown() -> None:
    """They work all the same, and Meltano has them as hidden."""
    schemas = TapLinkedInDMA.config_jsonschema["properties"]
    hidden = {name for name, schema in schemas.items() if schema.get("hidden")}
    assert hidden == {
        *("longest_wait", "oauth_url", "user_agent", "sensitive_domains", "lookup_refresh_days", "allow_mixed_scopes"),
        "geo_names",
    }
    shown = json.loads(call("--about", "--format=json").stdout)["settings"]["properties"]
    assert shown.keys() == schemas.keys() - hidden
    tap = TapLinkedInDMA(config={"access_token": "invented", "longest_wait": 5}, setup_mapper=False)
    assert tap.config["longest_wait"] == 5
    assert tap.config["user_agent"] == "tap-linkedin-dma"
    told = {setting["name"]: setting for setting in from_code()["settings"]}
    assert {name for name, setting in told.items() if setting.get("hidden")} == hidden


def test_settings_may_come_from_several_files_and_the_environment(config: str, tmp_path: Path) -> None:
    """What is named later wins, and the environment over both."""
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"locale": "xx_XX"}))
    wrong = call("--config", config, "--config", str(other), "doctor")
    assert wrong.exit_code == 1
    env = {"TAP_LINKEDIN_DMA_LOCALE": "de_DE"}
    assert call("--config", config, "--config", str(other), "--config=ENV", "doctor", env=env).exit_code == 0


def test_a_run_is_what_happens_without_a_command(config: str, tmp_path: Path) -> None:
    """With a catalog and a state, as a Meltano run calls it."""
    catalog = json.loads(call("--config", config, "--discover").stdout)
    for stream in catalog["streams"]:
        selection = next(entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
        selection["selected"] = stream["tap_stream_id"] == "organizations"
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    (tmp_path / "state.json").write_text("{}")
    run = call("--config", config, "--catalog", str(tmp_path / "catalog.json"), "--state", str(tmp_path / "state.json"))
    records = [line for line in run.stdout.splitlines() if json.loads(line)["type"] == "RECORD"]
    assert (run.exit_code, len(records)) == (0, 2)


def test_every_command_stands_in_the_help_and_has_one_of_its_own() -> None:
    """One line each; every command may go by the tap's settings."""
    shown = call("--help").stdout
    assert "Read the data of your LinkedIn pages as Singer messages." in shown
    assert "--discover" in shown
    for name in COMMANDS:
        assert f"\n  {name} " in shown
        assert "--config" in call(name, "--help").stdout


def test_every_help_ends_with_the_address_of_the_docs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The distribution's, if it has one."""
    about = Message()
    monkeypatch.setattr(metadata, "metadata", lambda _: about)
    assert "Docs:" not in call("--help").stdout
    about["Project-URL"] = "Repository, https://example.com/tap"
    about["Project-URL"] = "Documentation, https://example.com/tap/docs"
    for command in ((), *((name,) for name in COMMANDS)):
        assert call(*command, "--help").stdout.endswith("\n  Docs: https://example.com/tap/docs\n")


def test_a_test_is_what_doctor_does(config: str, sandbox: Sandbox) -> None:
    """With its exit code, and a stream of the SCHEMA messages for `--test=schema` alone."""
    good = call("--config", config, "--test")
    assert (good.exit_code, good.stdout) == (0, call("--config", config, "doctor").stdout)
    schemas = [json.loads(line) for line in call("--config", config, "--test=schema").stdout.splitlines()]
    assert {message["type"] for message in schemas} == {"SCHEMA"}
    assert call("--config", config, "--test=foo").exit_code == 2
    sandbox.tokens.states[sandbox.token] = "revoked"
    assert call("--config", config, "--test").exit_code == 1


@pytest.mark.parametrize("command", ["doctor", "login", "--test"])
def test_a_command_for_people_prints_sentences_alone(command: str, tmp_path: Path) -> None:
    """Without the time, level and logger that a run's log has."""
    (tmp_path / "config.json").write_text('{"colour": 1}')
    said = started("--config", str(tmp_path / "config.json"), command).stderr.decode().splitlines()
    assert said[0] == "Warning: Unknown setting colour. Correct its name, or remove it."
    assert said[1].startswith(("Error: No token is set.", "Error: Set client_id"))
    assert len(said) == 2


def test_an_error_that_the_user_can_act_on_is_one_sentence() -> None:
    ended = started("login", "--config=ENV")
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert len(ended.stderr.splitlines()) == 1
    assert b"Set client_id and client_secret" in ended.stderr


def test_what_there_is_no_command_for_is_an_error() -> None:
    """A word that is no option was an error before there were commands, too."""
    assert call("bogus").exit_code == 2


def test_a_run_does_not_load_the_commands() -> None:
    """A tap starts often, and would start later."""
    script = (
        "import sys\nfrom tap_linkedin_dma.commands import command_line\ncommand_line()\n"
        "print(*[name for name in sys.modules if name.startswith('tap_linkedin_dma.commands.')])"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == []


@pytest.mark.parametrize(("encoding", "written"), [("cp1252", "cp1252"), ("ascii", "utf-8")])
def test_a_console_that_knows_few_letters_gets_others_in_their_place(
    tmp_path: Path, encoding: str, written: str
) -> None:
    """The name of an organization may be of any script. Click takes ASCII for a mistake, and writes UTF-8 then."""
    name = "N\u00f6rdlicht \U0001f600 \u682a\u5f0f\u4f1a\u793e"
    with Sandbox(World(posts=1, followers=1, seed=3)) as sandbox:
        organization = sandbox.world.truth.organizations[0]
        body = {
            "id": int(organization.urn.rpartition(":")[2]),
            "localizedName": name,
            "organizationalPage": organization.page_urn,
        }
        sandbox.answer("dmaOrganizations", 200, body={"results": {str(body["id"]): body}}, times=None)
        file = tmp_path / "config.json"
        file.write_text(json.dumps(settings(sandbox, organizations=[body["id"]])))
        ended = started("doctor", "--config", str(file), PYTHONIOENCODING=encoding)
    shown = name.encode(written, errors="replace").decode(written)
    assert f"OK     {shown}: {organization.urn}" in ended.stdout.decode(written)


def test_sql_that_a_console_cannot_show_is_not_shown_otherwise() -> None:
    """With another letter it would reach another table."""
    for encoding, code in (("cp1252", 1), ("utf-8", 0)):
        ended = started("retention", "--schema", "\u682a", PYTHONIOENCODING=encoding, PYTHONUTF8="1")
        assert ended.returncode == code
        assert (b"lacks a letter of the SQL" in ended.stderr, bool(ended.stdout)) == (bool(code), not code)


_ARENAS = """
import contextlib, ctypes, threading
from tap_linkedin_dma.commands import main
with contextlib.suppress(SystemExit):
    main()
threads = [threading.Thread(target=bytearray, args=(5000,)) for _ in range(8)]
for thread in threads:
    thread.start()
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
"""
"""What glibc says of the arenas that threads took memory from, once the command has ended."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no arenas to choose from")
def test_threads_take_their_memory_from_one_arena() -> None:
    """An arena for each of them keeps what answers leave free: a tenth of the memory of a large run."""
    command = [sys.executable, "-c", _ARENAS, "--version"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120, text=True).stdout
    assert said.count("<heap ") == 1
