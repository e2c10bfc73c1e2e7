"""The benchmark on a tiny company: what it runs, compares and writes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bench import goals, loading, outputs, startup, table
from bench.contenders import BY_AGE, EVERY_POST, JSON_LOOP, THIS, Contender, loop, taps
from bench.environments import REQUIREMENTS, OfThisTap
from bench.measuring import Cost, Failed, measure
from bench.peers import PEERS
from bench.running import Result, Row, least_calls, quickest, run
from bench.workloads import ALL, FEED, FOLLOWS, Workload

TINY = Workload("B", "A tiny company", ("posts", "comments", "reactions", "followers"), followers=30, posts=6)
# In the environment of the tests, so that nothing has to be installed.
TAPS = taps([sys.executable, "-m", "tap_linkedin_dma"], None)
ORJSON_LESS_LOOP = Contender(JSON_LOOP.name, lambda place: loop("json", place, sys.executable), "B")
SILENT = Contender("prints nothing", lambda _: [sys.executable, "-c", "pass"], "B")
BROKEN = Contender("breaks", lambda _: [sys.executable, "-c", "raise SystemExit('no such stream')"], "B")


@pytest.fixture(scope="module")
def result() -> Result:
    return run(TINY, [*TAPS, ORJSON_LESS_LOOP, SILENT, BROKEN])


def test_the_tap_and_the_loop_print_the_same_records(result: Result) -> None:
    """As many, and the same ones, but for what a setting of the tap changes; who prints fewer is told so."""
    *own, bare, silent = result.rows
    assert {row.name: row.verdict for row in (*own, bare)} == dict.fromkeys(
        [*(tap.name for tap in TAPS), bare.name], ""
    )
    assert {row.records for row in own} == {bare.records}
    assert bare.records > 36
    assert silent.verdict.startswith("lacks {")


def test_calls_are_those_of_each_contender_alone(result: Result) -> None:
    """The loop asks every post, the tap those with counts, and who asks nothing has none."""
    this, *_, bare, silent = result.rows
    about_comments = f"{FEED} commentsOnEntity"
    assert result.least_calls[about_comments] == this.calls[about_comments] == 3
    assert bare.calls[about_comments] == 6
    assert (
        result.least_calls[f"{FOLLOWS} followee"]
        == bare.calls[f"{FOLLOWS} followee"]
        == this.calls[f"{FOLLOWS} followee"]
    )
    assert not silent.calls


def test_one_that_breaks_keeps_none_from_going_on(result: Result) -> None:
    """It has no row; the last it logged is kept."""
    assert list(result.failed) == ["breaks"]
    assert "no such stream" in result.failed["breaks"]


def test_the_least_calls_are_for_what_has_changed() -> None:
    """Pages of posts and followers, and one call for each post and stream with other counts."""
    before = {("comments", "p1"): Counter(comment=1), ("comments", "p2"): Counter(comment=2)}
    after = {**before, ("comments", "p2"): Counter(comment=2, reply=1), ("reactions", "p1"): Counter(LIKE=1)}
    walked = {f"{FEED} postsByAuthor": 3, f"{FEED} commentsOnEntity": 9, "dmaPosts BATCH_GET": 2}
    least = least_calls(before, after, walked)
    assert least == {f"{FEED} postsByAuthor": 3, f"{FEED} commentsOnEntity": 1, f"{FEED} reactionsOnEntity": 1}


def test_other_records_are_told_from_the_same_number(tmp_path: Path) -> None:
    """In any order; Airbyte's messages are read too."""
    lines = [
        '{"type":"RECORD","stream":"posts","record":{"id":"a"}}',
        '{"type":"RECORD","record":{"stream":"posts","data":{"id":"b"}}}',
    ]
    files = [tmp_path / name for name in ("one", "turned", "other")]
    for file, text in zip(
        files, ["\n".join(lines), "\n".join(lines[::-1]), "\n".join(lines).replace('"a"', '"c"')], strict=True
    ):
        file.write_text(f"a line of a log\n{text}\n")
    one, turned, other = map(outputs.read, files)
    assert one == turned
    assert one.counts == other.counts == {"posts": 2}
    assert one.digests != other.digests


def test_followers_are_compared_whole(tmp_path: Path) -> None:
    """In any order of their columns; one other value makes another record, and so does one more column."""
    file = tmp_path / "out"

    def digest(record: str, becomes: Callable[[outputs.Record], outputs.Record] = outputs.as_it_is) -> int:
        file.write_text(f'{{"type":"RECORD","stream":"followers","record":{record}}}\n')
        return outputs.read(file, becomes).digests["followers"]

    told = digest('{"row_key":"a","follower":null,"unmapped":{"x":1,"y":2}}')
    assert digest('{"unmapped":{"y":2,"x":1},"follower":null,"row_key":"a"}') == told
    assert digest('{"unmapped":{"y":2,"x":3},"follower":null,"row_key":"a"}') != told
    mapped = digest('{"row_key":"a","follower":null,"unmapped":{"x":1,"y":2},"edge":"b"}')
    assert mapped != told
    assert (
        digest('{"row_key":"a","follower":null,"unmapped":{"x":1,"y":2}}', lambda row: {**row, "edge": "b"}) == mapped
    )


def test_a_peak_is_the_command_s_own(tmp_path: Path) -> None:
    """Not of who measures, which a program begins with otherwise."""
    ours = b"x" * 100_000_000
    cost = measure([sys.executable, "-c", "print(1)"], tmp_path / "out")
    assert len(ours) > cost.peak_mb * 1_000_000
    assert (tmp_path / "out").read_text() == "1\n"
    assert cost.seconds > 0 < cost.cpu_s


def test_a_command_that_fails_tells_its_last_words(tmp_path: Path) -> None:
    """With its exit status."""
    with pytest.raises(Failed, match=r"ended with 3[\s\S]*last words"):
        measure(
            [sys.executable, "-c", "import sys; print('last words', file=sys.stderr); sys.exit(3)"], tmp_path / "out"
        )


def test_a_section_tells_ratios_first(result: Result) -> None:
    """Then a row for each, then calls beside the least possible, then where it was measured."""
    rows = [
        Row(THIS.name, Cost(2.0, 1.0, 50.0), Counter(a=4), 100),
        Row(JSON_LOOP.name, Cost(8.0, 2.0, 30.0), Counter(a=9), 100),
    ]
    text = table.section(Result(TINY, rows, {"a": 4}), {})
    assert "- this tap: 4.00 times as fast as the requests + json loop." in text
    assert "beyond the least possible: 0." in text
    assert "| this tap | 4.00 | 2.00 | 2.0 | 50 | 1.0 | 50 | 100 | 4 | 0.0 |" in text
    assert "| `a` | 4 | 4 | 9 |" in text
    assert all(pinned in text for pinned in ("dlt 1.", "airbyte-cdk 7.", "tap-rest-api-msdk 1.", "requests 2."))
    assert "breaks did not get to the end" in table.section(result, {})


def test_a_later_run_is_compared_with_the_first_of_each() -> None:
    """With the time of the tap for B, and with that of the loop, which would do all of B again."""
    first = Result(ALL["B"], [Row(THIS.name, Cost(4.0, 1.0, 1.0)), Row(JSON_LOOP.name, Cost(80.0, 1.0, 1.0))])
    later = Result(ALL["C"], [Row(THIS.name, Cost(2.0, 1.0, 1.0))])
    text = table.section(later, {"B": first})
    assert "- The time of this tap: 0.500 of its own in B." in text
    assert "- The time of this tap: 0.025 of that of the requests + json loop in B." in text
    assert "in B" not in table.section(later, {})


@pytest.mark.parametrize(
    ("letter", "seconds", "peak_mb", "expected"),
    [
        ("A", 1.5, 1.0, ["beside the requests + json loop: 1.33, goal at least 1.25: met", "dlt rest_api", "missed"]),
        ("C", 1.76, 1.0, ["in B: 0.022, goal at most 0.02: **missed**"]),
        ("E", 1.5, 1.0, ["of the loader alone: 0.5, goal at most 0.5: met"]),
        ("F", 9.0, 120.0, ["Peak memory in MB: 120, goal at most 120: met"]),
    ],
)
def test_a_section_says_of_each_goal_whether_it_is_met(
    letter: str, seconds: float, peak_mb: float, expected: Sequence[str]
) -> None:
    """By what was measured in the same run; a goal without anything to compare with is left out."""
    rows = [
        Row(THIS.name, Cost(seconds, 1.0, peak_mb), records=100),
        Row(loading.IN_FILES, Cost(3.0, 1.0, 30.0), records=100),
        Row(loading.ALONE, Cost(3.0, 2.0, 30.0), records=100),
        Row(JSON_LOOP.name, Cost(2.0, 1.0, 30.0), records=100),
        Row("dlt rest_api", Cost(1.6, 1.0, 30.0), records=100),
    ]
    first = Result(ALL["B"], [Row(JSON_LOOP.name, Cost(80.0, 1.0, 1.0))])
    text = table.section(Result(ALL[letter], rows), {"B": first})
    assert all(part in text for part in expected)
    assert "a stream map" not in text
    assert not [*goals.sentences(Result(ALL[letter], []), {})]


def test_start_up_is_compared_with_that_of_a_bare_tap() -> None:
    """Each option with the same one, each tap in a process of its own."""
    bare = [sys.executable, str(Path(startup.__file__).parent / "peers" / "bare_tap.py")]
    nothing = [sys.executable, "-c", "pass"]
    result = startup.run(replace(ALL["S"], rounds=1), {THIS.name: nothing, startup.BARE: bare})
    assert [row.name.rpartition(" ")[2] for row in result.rows] == [*startup.OPTIONS] * 2
    assert [line.partition(":")[0] for line in startup.ratios(result)] == [f"- `{name}`" for name in startup.OPTIONS]


def test_a_daily_run_is_compared_with_one_over_all_posts_and_with_the_loop() -> None:
    """By its calls and its time."""
    rows = [
        Row(name, Cost(seconds, 1.0, 1.0), Counter(a=calls))
        for name, seconds, calls in ((BY_AGE.name, 3.0, 10), (EVERY_POST.name, 12.0, 100), (JSON_LOOP.name, 30.0, 80))
    ]
    text = table.section(Result(ALL["G"], rows), {})
    assert f"- this tap: 0.100 of the calls and 0.250 of the time of {EVERY_POST.name}." in text
    assert f"- Calls beside those of {EVERY_POST.name}: 0.1, goal at most 0.167: met." in text
    assert "- this tap: 0.125 of the calls and 0.100 of the time of the requests + json loop." in text


def test_the_tap_is_installed_anew_where_its_code_is_another(tmp_path: Path) -> None:
    """Or what it needs, or the versions of that; nothing else of a checkout counts."""
    files = [tmp_path / name for name in ("tap_linkedin_dma/tap.py", "pyproject.toml", "requirements-dev.lock")]
    files[0].parent.mkdir()
    for file in files:
        file.touch()
    environment = OfThisTap("tap", tmp_path)
    met = {environment.fingerprint()}
    for number, file in enumerate(files):
        file.write_text(str(number))
        met.add(environment.fingerprint())
    (tmp_path / "README.md").touch()
    assert environment.fingerprint() in met
    assert len(met) == 4


def test_only_what_was_measured_is_written_anew(tmp_path: Path) -> None:
    """The shipped document has a place for each workload."""
    document = tmp_path / "benchmarks.md"
    shipped = table.DOCUMENT.read_text()
    document.write_text(shipped)
    for letter, workload in ALL.items():
        table.write({letter: Result(workload, [Row("someone", Cost(1.0, 1.0, 1.0))])}, document)
    text = document.read_text()
    assert text.count("| someone |") == len(ALL)
    assert [line for line in text.splitlines() if line.startswith(("#", "<!--"))] == [
        line for line in shipped.splitlines() if line.startswith(("#", "<!--"))
    ]
    document.write_text("nothing")
    with pytest.raises(ValueError, match="no marks for workload A"):
        table.write({"A": Result(TINY, [])}, document)


def test_every_contender_has_pinned_requirements() -> None:
    """Each peer's environment has its list, and all of a list is pinned."""
    for environment in (
        *(contender.environment for contender in (JSON_LOOP, *PEERS)),
        loading.PIPELINEWISE,
        loading.DLT,
    ):
        assert environment
        listed = (REQUIREMENTS / f"{environment.name}.txt").read_text().splitlines()
        assert listed
        assert all("==" in line for line in listed)


def test_the_quickest_round_counts_unless_one_was_wrong() -> None:
    """What else a machine does slows down, and who once printed too few may not be forgiven."""

    def row(name: str, seconds: float, verdict: str = "") -> Row:
        return Row(name, Cost(seconds, 1, 1), verdict=verdict)

    rounds = [row("a", 3), row("b", 2), row("c", 2), row("a", 1), row("b", 4, "lacks"), row("c", 3), row("b", 1)]
    assert quickest(rounds) == [row("a", 1), row("b", 4, "lacks"), row("c", 2)]
