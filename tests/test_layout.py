"""The house: which module may know which, and what every stream class must say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

import tap_linkedin_dma
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS

PACKAGE = "tap_linkedin_dma"
ROOT = Path(tap_linkedin_dma.__file__).parent

ROOMS = [
    "api",
    "privacy",
    "config",
    "auth",
    "rows",
    "state",
    "output",
    "sync",
    "stream_types",
    "streams",
    "tap",
    "commands",
]
"""From the ground up: a room imports only rooms before it."""


def name_of(file: Path) -> str:
    """A module's name below the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in sorted(ROOT.rglob("*.py"))}


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


def test_the_package_is_twelve_rooms() -> None:
    """A reader finds any fact in one guess; `__init__`, `__main__` and `py.typed` are the only files beside them."""
    entries = {path.name.removesuffix(".py") for path in ROOT.iterdir() if path.name != "__pycache__"}
    assert entries == {*ROOMS, "__init__", "__main__", "py.typed"}


@pytest.mark.parametrize("name", FILES)
def test_a_room_imports_only_rooms_above_it(name: str) -> None:
    """Or what a reader has understood of one room would change with the next."""
    room = name.partition(".")[0]
    allowed = ROOMS[: ROOMS.index(room) + 1] if room in ROOMS else ROOMS
    sources = {source.partition(".")[0] for source, _ in imports(name)}
    assert not sources & set(ROOMS) - set(allowed)


def test_what_the_imports_of_a_module_are_is_read_rightly() -> None:
    """Or the tests above and below would pass whatever stands there."""
    assert {("sync.run_context", "RunContext"), ("rows.mapping", "Row"), ("api.urns", "")} <= set(
        imports("stream_types.base")
    )
    assert ("streams.feed.posts", "") in set(imports("streams"))
    assert ("rows.mapping", "Row") in set(imports("rows.drift"))


def test_the_tap_imports_nothing_of_the_sandbox() -> None:
    """If the two shared code, a wrong comma would be wrong on both sides and every test green."""
    assert not [name for name, file in FILES.items() if "linkedin_sandbox" in file.read_text(encoding="utf-8")]


def docstrings(source: str) -> Iterator[str]:
    """Every text that stands as a statement: of modules, classes and functions, and below assignments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value.strip()


@pytest.mark.parametrize("name", FILES)
def test_a_docstring_names_the_thing_first(name: str) -> None:
    """One that begins with "What" leaves the noun to the reader: "what a row leaves" is "the part of a row that"."""
    texts = docstrings(FILES[name].read_text(encoding="utf-8"))
    assert not [text for text in texts if re.match(r"What\b", text)]


def test_docstrings_are_found_wherever_they_stand() -> None:
    """Or the test above would pass whatever stands there."""
    source = '"""A."""\nclass B:\n    """B."""\n    c = "D"\n    """C."""\n    def e(self):\n        """E."""'
    assert sorted(docstrings(source)) == ["A.", "B.", "C.", "E."]


def statement_of(stream: type[DmaStream]) -> ast.ClassDef:
    """The class statement of a stream."""
    tree = ast.parse(FILES[stream.__module__.removeprefix(f"{PACKAGE}.")].read_text(encoding="utf-8"))
    (statement,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == stream.__name__)
    return statement


def test_the_median_stream_is_nine_lines_of_attributes() -> None:
    """Without its docstring and its schema: what more it takes belongs to its way of reading."""
    lines = [
        sum((node.end_lineno or 0) - node.lineno + 1 for node in statement_of(stream).body[1:] if not _is_schema(node))
        for stream in STREAMS
    ]
    assert median(lines) <= 9


def _is_schema(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "schema" for t in node.targets)


def assigned(stream: type[DmaStream]) -> set[str]:
    """The attributes that a class statement sets to a value, methods aside."""
    names = set()
    for node in statement_of(stream).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AnnAssign) else []
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def unknown(stream: type[DmaStream]) -> set[str]:
    """Those that no base has a value or an annotation for, and that the stream does not read itself."""
    bases = stream.__mro__[1:]
    known = {name for base in bases for name in (*vars(base), *vars(base).get("__annotations__", {}))}
    read = {node.attr for node in ast.walk(statement_of(stream)) if isinstance(node, ast.Attribute)}
    return assigned(stream) - known - read


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_a_stream_sets_no_attribute_that_nobody_reads(stream: type[DmaStream]) -> None:
    """A misspelt one is ignored by Python, the SDK and mypy alike."""
    assert assigned(stream) >= {"name", "resource", "schema", "primary_keys"}
    assert unknown(stream) == set()


OF_POSTS = {
    "comments",
    "reactions",
    "comment_reactions",
    "post_instant_reposts",
    "social_metadata",
    "post_content_trend",
}


@pytest.mark.parametrize(
    "stream", [stream for stream in STREAMS if stream.name in OF_POSTS], ids=lambda stream: str(stream.name)
)
def test_a_stream_of_posts_is_read_in_three_files(stream: type[DmaStream]) -> None:
    """Its own, a way of reading and the base, in a straight line; all else is held, and named by what it does."""
    bases = [base for base in stream.__mro__ if base.__module__.startswith(f"{PACKAGE}.stream")]
    assert len({base.__module__ for base in bases}) <= 3


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_a_stream_names_its_source(stream: type[DmaStream]) -> None:
    """Where LinkedIn describes it: an address on LinkedIn's or Microsoft's site, the docstring's last line."""
    last = (stream.__doc__ or "").strip().splitlines()[-1].strip()
    assert last.startswith(("Source: https://learn.microsoft.com/", "Source: https://www.linkedin.com/"))


def test_stream_names_are_their_own() -> None:
    """No two streams are called the same."""
    names = [stream.name for stream in STREAMS]
    assert len(set(names)) == len(names)
