"""The house: which module may know which, and what every stream class must say."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import tap_linkedin_dma
from tap_linkedin_dma.stream import PagedStream
from tap_linkedin_dma.streams import STREAMS

PACKAGE = "tap_linkedin_dma"
ROOT = Path(tap_linkedin_dma.__file__).parent

LAYERS = [
    {"", "restli", "urns", "errors", "data_classes", "persons", "places", "values", "settings", "baton"}
    | {"bodies", "envelopes", "transport"},
    {"shapes", "catalog_marks", "scopes", "rows", "pacing", "answers", "tokens", "masking"},
    {"given", "messages", "row_keys"},
    {"numbered"},
    {"paginators", "pages", "mentions", "records", "figures", "report", "checkpoints", "drift", "entities"},
    {"disclosure", "checks", "catalogs", "endings", "environment", "hashes", "token_file", "token_host", "terminal"},
    {"auth", "batches", "recent_lookups", "run", "progress", "saved_state"},
    {"readers"},
    {"connection", "emitter"},
    {"client"},
    {"asking"},
    {"emitting"},
    {"stream"},
    {"access", "posts"},
    {"administered", "over_posts", "parts", "lookups", "member"},
    {"changes"},
    {"windows", "removals", "each_post", "guesses", "lead_types", "snapshots"},
    {"walks", "listings", "post_windows"},
    {"engagement", "reposts"},
    {"threads"},
    {
        "streams.analytics",
        "streams.content",
        "streams.employer_brand",
        "streams.events",
        "streams.featured",
        "streams.feed",
        "streams.geos",
        "streams.identity",
        "streams.leads",
        "streams.live_videos",
        "streams.member",
        "streams.messaging",
        "streams.organizations",
        "streams.pages",
        "streams.post_analytics",
        "streams.products",
        "streams.publishing",
        "streams.removals",
        "streams.reposts",
        "streams.settings",
        "streams.standardized_data",
    },
    {"streams"},
    {"inputs"},
    {"tap", "warehouse"},
    {"subjects", "retaining"},
    {"erasing"},
    {"commands.configured", "commands.consent", "commands.findings", "commands.loopback", "commands.recipe"},
    {"commands.probes", "commands.token_check"},
    {"commands.doctor", "commands.login", "commands.erase", "commands.retention"},
    {"commands"},
    {"__main__"},
]
"""The modules of the tap, "" for the package itself; each may import those of the layers above its own line only."""

ROOMS = next(names for names in LAYERS if "streams.feed" in names)
"""Rooms of streams: one may import another only to name a stream of it."""

LONGEST_MODULE = 300
LONGEST_STREAM = 55


def name_of(file: Path) -> str:
    """A module's name below the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(ROOT.rglob("*.py"))}
TAP = {name: file for name, file in FILES.items() if name.partition(".")[0] != "sandbox"}
SANDBOX = {name: file for name, file in FILES.items() if name not in TAP}


def imports(name: str) -> Iterator[tuple[str, str]]:
    """Each module of the package that a module imports, and the name it takes from there ("" for the module itself).

    Anywhere in its text: inside functions and under TYPE_CHECKING too.
    """
    file = FILES[name]
    inside = name.split(".") if file.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == PACKAGE:
                    yield alias.name.removeprefix(PACKAGE).lstrip("."), ""
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                base = [part for part in inside if part][: len(inside) - node.level + 1]
                source = ".".join([*base, *filter(None, [node.module])])
            elif (node.module or "").partition(".")[0] == PACKAGE:
                source = (node.module or "").removeprefix(PACKAGE).lstrip(".")
            else:
                continue
            for alias in node.names:
                inner = f"{source}.{alias.name}".lstrip(".")
                yield (inner, "") if inner in FILES else (source, alias.name)


def layer_of(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


def test_every_module_has_its_layer() -> None:
    """One each; a new module is given one here."""
    listed = [name for names in LAYERS for name in names]
    assert sorted(listed) == sorted(TAP)


@pytest.mark.parametrize("name", TAP)
def test_imports_point_one_way(name: str) -> None:
    """A module knows only those below it; a room of streams also the streams of another."""
    wrong = []
    for source, taken in imports(name):
        below = layer_of(source) < layer_of(name)
        stream = name in ROOMS and source in ROOMS and _is_stream(source, taken)
        if not below and not stream:
            wrong.append(source)
    assert wrong == []


def _is_stream(room: str, taken: str) -> bool:
    streams = {(stream.__module__, stream.__name__) for stream in STREAMS}
    return (f"{PACKAGE}.{room}", taken) in streams


def test_rooms_do_not_go_in_a_circle() -> None:
    """A parent's room is before its children's."""
    known = {room: {source for source, _ in imports(room) if source in ROOMS} for room in ROOMS}
    while known:
        free = {room for room, others in known.items() if not others & known.keys()}
        assert free, f"{sorted(known)} import one another"
        known = {room: others for room, others in known.items() if room not in free}


def test_what_the_imports_of_a_module_are_is_read_rightly() -> None:
    """Or the tests above and below would pass whatever stands there."""
    assert {("connection", "Connection"), ("rows", "RowShape"), ("urns", "")} <= set(imports("stream"))
    assert ("streams.feed", "") in set(imports("streams"))
    assert ("sandbox.log", "Request") in set(imports("sandbox.server"))
    assert ("sandbox.errors", "") in set(imports("sandbox.gate"))


def test_the_tap_imports_nothing_of_the_sandbox() -> None:
    """If the two shared code, a wrong comma would be wrong on both sides and every test green."""
    assert [name for name in TAP for source, _ in imports(name) if source in SANDBOX] == []


def test_the_sandbox_imports_nothing_of_the_tap() -> None:
    """But the package's own name."""
    assert SANDBOX
    assert [(name, source) for name in SANDBOX for source, _ in imports(name) if source not in SANDBOX] == []


@pytest.mark.parametrize("name", TAP)
def test_no_module_is_longer_than_one_idea(name: str) -> None:
    """Past about 300 lines it asks to be split."""
    assert len(TAP[name].read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_no_stream_class_is_longer_than_a_screen(stream: type[PagedStream]) -> None:
    """What more it takes belongs to its way of reading."""
    assert len(inspect.getsource(stream).splitlines()) <= LONGEST_STREAM


def assigned(stream: type[PagedStream]) -> set[str]:
    """The attributes that a class statement sets to a value, methods aside."""
    tree = ast.parse(FILES[stream.__module__.removeprefix(f"{PACKAGE}.")].read_text(encoding="utf-8"))
    (statement,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == stream.__name__)
    names = set()
    for node in statement.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AnnAssign) else []
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def unknown(stream: type[PagedStream]) -> set[str]:
    """Those that no base has a value or an annotation for."""
    bases = stream.__mro__[1:]
    known = {name for base in bases for name in (*vars(base), *vars(base).get("__annotations__", {}))}
    return assigned(stream) - known


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_a_stream_sets_no_attribute_that_nobody_reads(stream: type[PagedStream]) -> None:
    """A misspelt one is ignored by Python, the SDK and mypy alike."""
    assert assigned(stream) >= {"name", "resource", "schema", "primary_keys"}
    assert unknown(stream) == set()


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_a_stream_names_its_source(stream: type[PagedStream]) -> None:
    """Where LinkedIn describes it: an address on LinkedIn's or Microsoft's site, the docstring's last line."""
    last = (stream.__doc__ or "").strip().splitlines()[-1].strip()
    assert last.startswith(("Source: https://learn.microsoft.com/", "Source: https://www.linkedin.com/"))


def test_stream_names_are_their_own() -> None:
    """No two streams are called the same."""
    names = [stream.name for stream in STREAMS]
    assert len(set(names)) == len(names)
