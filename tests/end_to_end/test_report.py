"""The report and the app show what SQL gives, in a browser at two widths, on both databases."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from demo.meltano import Meltano
from demo.processes import child
from linkedin_sandbox import Sandbox, World
from report import wording
from report.__main__ import main
from report.marts import Marts, Period, ReportError
from report.page import page, write
from tests.end_to_end.targets import install
from tests.end_to_end.warehouses import MARTS, Warehouse, duck, postgres
from tests.support.browser import CHROMIUM, DRIVER, charts_are_drawn, chromium, resize
from tests.support.ports import free_port
from tests.support.runs import run
from tests.support.waiting import comes_true

in_a_browser = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed")
pytestmark = pytest.mark.timeout(1200)

WIDTHS = (500, 1200)
STREAMS = {
    "organizations",
    "posts",
    "social_metadata",
    "comments",
    "reactions",
    "people",
    "page_content_trend",
    "post_content_trend",
    "follower_trend",
    "visitor_trend",
    "follower_demographics",
    "industries",
    "functions",
    "seniorities",
    "lead_gen_forms",
    "lead_gen_form_versions",
    "lead_gen_form_responses",
}
DRAWN = "[data-testid=stVegaLiteChart] :is(svg, canvas)"
HOSTILE = "</script><script>document.title = 'taken over'</script>"


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run over a small world, of the streams that the report shows."""
    with Sandbox(World(posts=30, followers=60)) as sandbox:
        lines = run(sandbox, select=STREAMS).messages
    file = tmp_path_factory.mktemp("messages") / "messages.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return file


_DUCK = pytest.param(
    duck,
    marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="the DuckDB that target-duckdb needs has no wheels"),
)


@pytest.fixture(scope="module", params=[postgres, _DUCK])
def warehouse(
    request: pytest.FixtureRequest, messages: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """With marts, a text that is no markup, and totals of followers."""
    opened: Callable[[Path], AbstractContextManager[Warehouse]] = request.param
    with opened(tmp_path_factory.mktemp("warehouse")) as loaded:
        loaded.load(messages)
        loaded.query(f"UPDATE {loaded.schema}.posts SET text = '{HOSTILE.replace(chr(39), chr(39) * 2)}' || text")
        loaded.build(tested=False)
        loaded.query(
            f"INSERT INTO {MARTS}.follower_totals"
            f" SELECT DISTINCT organization, DATE '2026-01-01', 4000 FROM {loaded.schema}.organizations"
        )
        loaded.build("--select", "linkedin_dma__followers", tested=False)
        yield loaded


def marts(warehouse: Warehouse) -> Marts:
    return Marts(database(warehouse), MARTS)


def database(warehouse: Warehouse) -> str:
    settings = warehouse.config("")
    return str(settings.get("sqlalchemy_url") or settings["path"])


def expected(warehouse: Warehouse, organizations: str = "%", days: int = 90) -> dict[str, str]:
    """The headline figures by plain SQL."""
    (last,) = warehouse.query("SELECT max(day) AS day FROM linkedin_dma__page_daily WHERE impressions IS NOT NULL")
    ours, last_day = f"organization LIKE '{organizations}'", f"DATE '{last['day']}'"
    (page_figures,) = warehouse.query(
        f"SELECT CAST(sum(impressions) AS bigint) AS impressions FROM linkedin_dma__page_daily"
        f" WHERE {ours} AND day > {last_day} - {days} AND day <= {last_day}"
    )
    (followers,) = warehouse.query(
        f"SELECT CAST(sum(total) AS bigint) AS total FROM linkedin_dma__followers WHERE {ours} AND day = {last_day}"
    )
    (posts,) = warehouse.query(
        "SELECT count(*) AS posts, CAST(sum(engagement) AS bigint) AS engagement,"
        " CAST(sum(impressions) AS bigint) AS impressions FROM linkedin_dma__posts"
        f" WHERE {ours} AND is_comparable AND engagement IS NOT NULL"
        f" AND CAST(published_at AS date) > {last_day} - {days} AND CAST(published_at AS date) <= {last_day}"
    )
    assert posts["posts"] > 1
    return {
        "Followers": f"{followers['total']:,}",
        "Impressions": f"{page_figures['impressions']:,}",
        "Engagement by impressions": f"{100 * posts['engagement'] / posts['impressions']:.2f} %",
        "Engagement by followers": f"{100 * posts['engagement'] / posts['posts'] / followers['total']:.2f} %",
    }


def texts(browser: Chrome, selector: str) -> list[str]:
    return [found.text for found in browser.find_elements(By.CSS_SELECTOR, selector)]


def overflowing(browser: Chrome) -> list[str]:
    """The elements that are wider than the window, except in what scrolls by itself."""
    found: list[str] = browser.execute_script(
        "const parts = 'html, main, main section, table, td, svg, .tile, .chart, [data-testid=stMain]';"
        "return [...document.querySelectorAll(parts)]"
        ".filter(each => each.getBoundingClientRect().right > innerWidth + 1 || each.scrollWidth > each.clientWidth + 1"
        " && each.clientWidth > 0 && !['TD', 'svg'].includes(each.tagName)).map(each => each.outerHTML.slice(0, 200))"
    )
    return found


# The file


@in_a_browser
def test_the_file_shows_what_sql_gives_at_two_widths(warehouse: Warehouse, tmp_path: Path) -> None:
    """From disk, without a request to anywhere, an error, markup of a post, or a part wider than the window."""
    file = tmp_path / "report.html"
    write(file, marts(warehouse), persons=True)
    with chromium() as browser:
        browser.execute_cdp_cmd("Network.enable", {})
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["http://*", "https://*"]})
        for width in WIDTHS:
            resize(browser, width)
            browser.get(file.as_uri())
            charts_are_drawn(browser)
            assert dict(zip(texts(browser, ".tile dt"), texts(browser, ".value"), strict=True)) == expected(warehouse)
            assert overflowing(browser) == []
            assert len(texts(browser, ".chart")) >= len(("impressions", "gains", "engagement", "times", "leads"))
            assert not texts(browser, ".empty")
            assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0
            assert browser.title.startswith("LinkedIn report: ")
            assert texts(browser, ".posts a")[0].startswith(HOSTILE)
        assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_persons_are_shown_if_they_are_asked_for(warehouse: Warehouse) -> None:
    """Texts of posts may mention members."""
    read = marts(warehouse)
    engagers = warehouse.query("SELECT name FROM linkedin_dma__engagers WHERE name IS NOT NULL")
    names = {row["name"] for row in engagers}
    shown = {}
    for persons in (False, True):
        figures = read.figures(read.pages(), persons=persons)
        html = page(figures, persons=persons).partition("<script>")[0]
        shown[persons] = {name for name in names if name in html}, "taken over" in html
    pages = {page.name for page in read.pages()}
    assert shown[False] == (names & pages, False)
    assert len(shown[True][0]) > len(names & pages)
    assert shown[True][1]


def test_an_agency_can_leave_out_names_that_its_clients_may_not_have(warehouse: Warehouse) -> None:
    """Those of LinkedIn's reference lists, which are in the audience alone."""
    read = marts(warehouse)
    figures = read.figures(read.pages())
    assert figures
    names = {row["name"] for row in figures.audience if row["dimension_type"] == "SENIORITY"}
    whole, without = page(figures), page(figures, audience=False)
    assert names
    assert [name for name in names if f'"{name}"' not in whole or f'"{name}"' in without] == []


def test_best_posts_are_settled_and_of_the_period(warehouse: Warehouse) -> None:
    """The best first, each with its address."""
    read = marts(warehouse)
    figures = read.figures(read.pages(), days=180)
    assert figures
    rates = [post["engagement_rate"] for post in figures.best_posts]
    assert rates == sorted(rates, reverse=True)
    assert all(figures.period.first <= post["published"] <= figures.period.last for post in figures.best_posts)
    assert all(post["url"].startswith("https://www.linkedin.com/") for post in figures.best_posts)


def test_weeks_are_whole_and_add_up(warehouse: Warehouse) -> None:
    """Each is the sum of its seven days."""
    read = marts(warehouse)
    figures = read.figures(read.pages())
    assert figures
    assert len(figures.weeks) in (11, 12)
    for week in figures.weeks:
        (days,) = warehouse.query(
            "SELECT count(DISTINCT day) AS days, CAST(sum(organic_impressions) AS bigint) AS organic,"
            " CAST(sum(followers_gained) AS bigint) AS gained FROM linkedin_dma__page_daily"
            f" WHERE day >= DATE '{week['week']}' AND day < DATE '{week['week']}' + 7 AND impressions IS NOT NULL"
        )
        assert days == {"days": 7, "organic": week["organic"], "gained": week["followers_gained"]}


def test_leads_are_those_of_the_funnel(warehouse: Warehouse) -> None:
    """Views of a page count once, however many forms it has."""
    read = marts(warehouse)
    figures = read.figures(read.pages(), days=360)
    assert figures
    (sums,) = warehouse.query(
        "SELECT CAST(sum(leads) AS bigint) AS leads FROM linkedin_dma__lead_funnel"
        f" WHERE month > DATE '{figures.period.first}' - 31 AND month <= DATE '{figures.period.last}'"
    )
    assert sum(row["leads"] for row in figures.lead_months) == sum(row["leads"] for row in figures.lead_forms)
    assert sums["leads"] >= sum(row["leads"] for row in figures.lead_months) > 0
    for row in figures.lead_months:
        (views,) = warehouse.query(
            "SELECT CAST(sum(page_views) AS bigint) AS views FROM linkedin_dma__page_daily"
            f" WHERE date_trunc('month', day) = DATE '{row['month']}' AND organization IN"
            f" (SELECT organization FROM linkedin_dma__lead_funnel WHERE month = DATE '{row['month']}')"
        )
        assert row["page_views"] == views["views"]


# The app


@contextmanager
def app(warehouse: Warehouse) -> Iterator[str]:
    """The app as Meltano serves it."""
    port = free_port()
    settings = {
        "LINKEDIN_DMA_DATABASE": database(warehouse),
        "LINKEDIN_DMA_MARTS_SCHEMA": MARTS,
        "STREAMLIT_SERVER_PORT": str(port),
    }
    meltano = Meltano(warehouse.folder, settings)
    install("dashboard")
    command = meltano.command("invoke", "dashboard:show")
    address = f"http://localhost:{port}"
    with (
        (warehouse.folder / "dashboard.log").open("w") as log,
        child(command, log, subprocess.STDOUT, meltano.project, meltano.environment()),
    ):
        assert comes_true(lambda: answers(f"{address}/_stcore/health"))
        yield address


def answers(address: str) -> bool:
    try:
        with closing(urllib.request.urlopen(address, timeout=5)) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def metrics(browser: Chrome) -> dict[str, str]:
    labels = texts(browser, "[data-testid=stMetricLabel]")
    return dict(zip(labels, texts(browser, "[data-testid=stMetricValue]"), strict=False))


@in_a_browser
def test_the_app_shows_what_sql_gives_at_two_widths(warehouse: Warehouse) -> None:
    """Of all pages, and of the page and period that are chosen."""
    everything = expected(warehouse)
    organization = marts(warehouse).pages()[-1]
    chosen = expected(warehouse, organization.organization, 360)
    with app(warehouse) as address, chromium() as browser:
        wait = WebDriverWait(browser, 120, 0.2, ignored_exceptions=[Exception])
        for width in WIDTHS:
            resize(browser, width)
            browser.get(address)
            wait.until(lambda shown: metrics(shown) == everything)
            wait.until(lambda shown: len(shown.find_elements(By.CSS_SELECTOR, DRAWN)) > 4)
            assert overflowing(browser) == []
        for label, choice in (("Page", organization.name), ("Period", "Last 360 days")):
            box = browser.find_element(By.CSS_SELECTOR, f"[data-testid=stSelectbox] input[aria-label*='{label}']")
            box.send_keys(choice, Keys.ENTER)
        wait.until(lambda shown: metrics(shown) == chosen)
        assert not texts(browser, "[data-testid=stException]")


# Where little or nothing was loaded


def test_nothing_loaded_is_said_and_one_page_of_two_schemas_counts_once(tmp_path: Path) -> None:
    """No run at all; then pages and gains of followers alone, in the schemas of two clients."""
    with postgres(tmp_path) as warehouse:
        url, schema = database(warehouse), MARTS
        with pytest.raises(ReportError, match=f"no marts in the schema {schema}"):
            Marts(url, schema).pages()
        warehouse.build(tested=False)
        file = tmp_path / "report.html"
        write(file, Marts(url, schema))
        assert wording.NO_PAGES in file.read_text()
        for client in ("acme", "zenith"):
            warehouse.query(f"CREATE SCHEMA {client}")
            warehouse.query(f"CREATE TABLE {client}.organizations AS SELECT 'urn:li:organization:1' AS organization")
        warehouse.build(tested=False, LINKEDIN_DMA_SCHEMAS="acme,zenith")
        write(file, Marts(url, schema))
        assert wording.NO_FIGURES in file.read_text()
        for client in ("acme", "zenith"):
            warehouse.query(
                f"CREATE TABLE {client}.follower_trend AS SELECT 'urn:li:organization:1' AS organization,"
                " 'DAY' AS granularity, day AS start, 1 AS total_count"
                " FROM generate_series(timestamp '2026-01-01', '2026-06-30', '1 day') AS day"
            )
        warehouse.build(tested=False, LINKEDIN_DMA_SCHEMAS="acme,zenith")
        read = Marts(url, schema)
        figures = read.figures(read.pages())
        write(file, read)
    assert figures
    assert [tile.value for tile in wording.tiles(figures)] == ["90", "—", "—", "—"]
    shown = file.read_text().partition("<script>")[0]
    sections = (wording.BEST_POSTS, wording.AUDIENCE, wording.BEST_TIMES, wording.LEADS)
    assert re.findall('class="empty">([^<]*)<', shown) == [section.empty for section in sections]
    assert shown.count('class="chart"') == 1


# The parts


@pytest.mark.parametrize(
    ("first", "last", "monday", "sunday"),
    [
        ("2026-11-02", "2026-11-15", "2026-11-02", "2026-11-15"),
        ("2026-11-03", "2026-11-21", "2026-11-09", "2026-11-15"),
        ("2026-11-01", "2026-11-09", "2026-11-02", "2026-11-08"),
    ],
)
def test_partial_weeks_are_left_out(first: str, last: str, monday: str, sunday: str) -> None:
    """A week that is still running would look like a collapse."""
    period = Period(date.fromisoformat(first), date.fromisoformat(last))
    assert period.whole_weeks == Period(date.fromisoformat(monday), date.fromisoformat(sunday))


def test_the_period_before_is_as_long() -> None:
    """And ends the day before."""
    assert Period.until(date(2026, 3, 31), 31).before == Period(date(2026, 1, 29), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ([], "Which database?"),
        (["--database", "missing.duckdb"], "The database cannot be read"),
        (["--database", "postgresql:/me:hidden@host"], "The database cannot be read"),
        (["--database", "postgresql://nobody@127.0.0.1:1/nothing"], "The database cannot be read"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(
    options: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a traceback, and without a file."""
    for name in [name for name in os.environ if name.startswith(("LINKEDIN_", "PG"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["report", *options, "--output", str(tmp_path / "report.html")])
    assert main() == 1
    printed = capsys.readouterr().err
    assert printed.startswith(sentence)
    assert len(printed.splitlines()) == 1
    assert "hidden" not in printed
    assert not list(tmp_path.iterdir())


def test_meltano_writes_the_file(warehouse: Warehouse, tmp_path: Path) -> None:
    """With the database of the target's settings, or the one that is set; of one organization, by its number."""
    settings = {"TARGET_POSTGRES_SQLALCHEMY_URL": database(warehouse)}
    if warehouse.dialect == "duckdb":
        settings = {"TARGET_POSTGRES_SQLALCHEMY_URL": "postgresql://", "LINKEDIN_DMA_DATABASE": database(warehouse)}
    meltano = Meltano(tmp_path, settings)
    install("report")
    chosen = marts(warehouse).pages()[-1]
    options = ("--organization", chosen.organization.rpartition(":")[2], "--output", str(tmp_path / "report.html"))
    meltano.call("invoke", "report:write", *options, log=tmp_path / "report.log")
    assert f"<h1>{chosen.name} on LinkedIn</h1>" in (tmp_path / "report.html").read_text()
    with pytest.raises(ReportError, match="Organization 1 was not loaded"):
        marts(warehouse).pages(["1"])
