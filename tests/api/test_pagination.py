"""Walking listings: where the next page is, and where the end is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, InvalidResponse, ShortListing
from tap_linkedin_dma.api.pagination import (
    AutoPaginator,
    BatchFinderPaginator,
    OffsetPaginator,
    PaginationCursor,
    Paginator,
    SinglePage,
)
from tests.support.answering import Answering, Asked, Reply, stream_asking
from tests.support.runs import Run, make_tap

Body = Mapping[str, Any]

URL = "https://api.linkedin.com/rest/dmaThings"
PARAMS = {"q": "owner", "owner": "urn:li:organization:42"}
ASKED = "q=owner&owner=urn%3Ali%3Aorganization%3A42"


def elements(*numbers: int) -> list[dict[str, int]]:
    return [{"id": number} for number in numbers]


def queries(paginator: Paginator, *bodies: Body) -> list[str]:
    """What is asked, when these are the answers; they must be taken in whole, or be one too many."""
    asked = []
    waiting = list(bodies)
    more = True
    while more:
        asked.append(paginator.query(PARAMS))
        more = paginator.next_page(waiting.pop(0))
    assert not waiting, "the walk ended before the last answer"
    return asked


def cursor_at(place: str, cursor: object) -> Body:
    """An answer whose next cursor stands at this place of the metadata."""
    holder = {"nextPaginationCursor": cursor}
    return {"elements": elements(1), "metadata": {place: holder} if place else holder}


@pytest.mark.parametrize("place", ["paginationCursorMetdata", "paginationCursorMetadata", ""])
def test_the_next_cursor_is_read_from_all_three_places(place: str) -> None:
    """The misspelt one is the feed's, the others the documentation's and the follows'."""
    assert queries(PaginationCursor(5), cursor_at(place, "M18="), {"elements": []}) == [
        f"{ASKED}&maxPaginationCount=5",
        f"{ASKED}&maxPaginationCount=5&paginationCursor=M18%3D",
    ]


def test_the_first_place_that_holds_a_cursor_is_taken() -> None:
    """An empty one does not count as holding any."""
    metadata = {
        "paginationCursorMetdata": {"nextPaginationCursor": ""},
        "paginationCursorMetadata": {"nextPaginationCursor": "second"},
        "nextPaginationCursor": "third",
    }
    asked = queries(PaginationCursor(), {"elements": [], "metadata": metadata}, {})
    assert asked[1] == f"{ASKED}&paginationCursor=second"


@pytest.mark.parametrize(
    "end",
    [
        {},
        {"metadata": None},
        {"metadata": {}},
        {"metadata": []},
        {"metadata": {"paginationCursorMetdata": None}},
        {"metadata": {"paginationCursorMetdata": {}}},
        {"metadata": {"paginationCursorMetdata": {"nextPaginationCursor": None}}},
        {"metadata": {"paginationCursorMetadata": {"nextPaginationCursor": ""}}},
        {"metadata": {"nextPaginationCursor": {}}},
    ],
)
def test_the_end_is_an_answer_without_a_cursor(end: Body) -> None:
    """Absent, null, empty text, an empty object: even where the page was full."""
    full = {"elements": elements(1, 2), **end}
    assert queries(PaginationCursor(2), full) == [f"{ASKED}&maxPaginationCount=2"]


def test_a_link_to_a_next_page_without_its_cursor_is_no_end() -> None:
    """The listing is reported as short, after its last page has been taken in; another run goes on with that page."""
    paginator = PaginationCursor()
    paginator.start_at("a")
    with pytest.raises(ShortListing):
        paginator.next_page(page([1], links=[{"rel": "next", "href": "/rest/dmaPosts?start=1&count=1"}]))
    assert paginator.cursor == "a"
    assert not paginator.next_page(page([1], links=[{"rel": "prev", "href": "/rest/dmaPosts?start=0&count=1"}]))


def test_an_empty_page_with_a_cursor_is_not_the_end() -> None:
    """Nor is one without elements at all; what follows is walked to its end."""
    pages: list[Body] = [
        {"elements": [], "metadata": {"nextPaginationCursor": "a"}},
        {"metadata": {"nextPaginationCursor": "b"}},
        {"elements": elements(1), "metadata": {"nextPaginationCursor": "c"}},
        {"elements": []},
    ]
    assert len(queries(PaginationCursor(100), *pages)) == 4


def test_a_cursor_that_is_a_number_is_sent_as_its_digits() -> None:
    """It leads on like any other; so does 0."""
    pages = [cursor_at("", 7_200_000_000_000_000_000), cursor_at("paginationCursorMetdata", 0), {"elements": []}]
    for paginator in (PaginationCursor(), AutoPaginator(URL)):
        assert queries(paginator, *pages)[1:] == [
            f"{ASKED}&paginationCursor=7200000000000000000",
            f"{ASKED}&paginationCursor=0",
        ]


@pytest.mark.parametrize(
    "end",
    [
        *[{"metadata": {"nextPaginationCursor": odd}} for odd in (True, False, 7.5, [], ["a"], {"a": 1})],
        {"metadata": {"paginationCursorMetdata": "a"}},
        {"metadata": "a"},
    ],
)
def test_a_cursor_that_cannot_be_sent_is_never_the_end(end: Body) -> None:
    """The rows so far leave, and the listing ends with an error."""
    for paginator in (PaginationCursor(), AutoPaginator(URL)):
        with pytest.raises(InvalidResponse, match="cursor is not text"):
            paginator.next_page({"elements": elements(1), **end})


def test_a_walk_sends_each_cursor_as_it_came() -> None:
    """Over the wire: none on page one, then each answer's own, escaped once; `paging` beside it says nothing."""
    first, second = cursor_at("paginationCursorMetdata", "a=/+&%25"), cursor_at("paginationCursorMetdata", "b")
    paging = {"paging": {"start": 0, "count": 1, "total": 1}}
    bodies = iter([{**first, **paging}, {**second, "elements": []}, {"elements": elements(2)}])
    with Answering(lambda _: Reply(next(bodies))) as server:
        pages = list(stream_asking(server.url).client.fetch_pages("dmaThings", PARAMS, PaginationCursor(1000)))
    assert [body["elements"] for body in pages] == [elements(1), [], elements(2)]
    assert [asked.query for asked in server.asked] == [
        f"{ASKED}&maxPaginationCount=1000",
        f"{ASKED}&maxPaginationCount=1000&paginationCursor=a%3D%2F%2B%26%2525",
        f"{ASKED}&maxPaginationCount=1000&paginationCursor=b",
    ]


def link(href: str, rel: str = "next") -> dict[str, str]:
    return {"rel": rel, "href": href, "type": "application/json"}


def page(numbers: Iterable[int], **paging: Any) -> Body:
    return {"elements": elements(*numbers), "paging": paging}


def started(*starts: int, count: int) -> list[str]:
    return [f"{ASKED}&start={start}&count={count}" for start in starts]


@pytest.mark.parametrize(
    ("bodies", "starts"),
    [
        pytest.param([page([1, 2]), page([3])], [0, 2], id="a page that is not full"),
        pytest.param([page([1, 2]), page([])], [0, 2], id="an empty page"),
        pytest.param([page([1, 2], total=4), page([3, 4], total=4)], [0, 2], id="the total"),
        pytest.param([page([1, 2], total=2)], [0], id="the total on page one"),
        pytest.param([{"elements": elements(1, 2)}, {"elements": elements(3)}], [0, 2], id="no paging"),
        pytest.param([{}], [0], id="no elements"),
        pytest.param([page([1, 2], total=2, links=[])], [0], id="no links"),
        pytest.param([page([1], count=1), page([2], count=1), page([], count=1)], [0, 1, 2], id="a capped count"),
        pytest.param([page([1], total=3), page([2, 3], total=3)], [0, 1], id="a page that is short of the total"),
    ],
)
def test_start_goes_up_until_the_listing_ends(bodies: list[Body], starts: list[int]) -> None:
    """At its total, or where that is not said with a page that is not full; a page begins where the last one ended."""
    assert queries(OffsetPaginator(2, URL), *bodies) == started(*starts, count=2)


class Filtering:
    """A listing of places, some of which are left out of its pages but count in its total."""

    def __init__(self, total: int, shown: Iterable[int]) -> None:
        self.total, self.shown = total, set(shown)
        self.given: set[int] = set()

    def walk(self, count: int) -> int:
        """The number of requests that a walk takes."""
        paginator, requests, more = OffsetPaginator(count, URL), 0, True
        while more:
            start = int(paginator.query({}).partition("start=")[2].partition("&")[0])
            places = [place for place in range(start, min(start + count, self.total)) if place in self.shown]
            self.given.update(places)
            more = paginator.next_page(page(places, start=start, count=count, total=self.total))
            requests += 1
        return requests


@pytest.mark.parametrize("shown", [[0, 1, 2], [8, 9], [0, 9], [3, 9, 14, 21, 29], range(0, 30, 2), range(30)])
@pytest.mark.parametrize("count", [10, 30, 100])
def test_a_listing_that_leaves_elements_out_is_read_to_its_end(shown: Iterable[int], count: int) -> None:
    """Pages are short then and overlap; none that is shown is missed, and the end comes soon."""
    listing = Filtering(30, shown)
    assert listing.walk(count) <= 2 * len(listing.shown) + 2
    assert listing.given == listing.shown


@pytest.mark.parametrize("origin", ["", "/rest/dmaThings", URL])
def test_a_next_link_is_followed(origin: str) -> None:
    """Its query as it stands, encoded by LinkedIn; the end is an answer whose links have no next."""
    query = "q=owner&owner=urn%3Ali%3Aorganization%3A42&start=7&count=3&x=List(a,b)"
    bodies = [
        page([1], links=[link("?start=0", rel="prev"), link(f"{origin}?{query}")], total=1),
        page([2], links=[link("?start=0", rel="prev")]),
    ]
    assert queries(OffsetPaginator(2, URL), *bodies) == [*started(0, count=2), query]


def test_no_links_after_a_next_link_are_the_end() -> None:
    """Whatever the total beside them: who follows links has counted nothing."""
    bodies = [page([1, 2], links=[link("?start=2&count=2")], total=3), page([3], links=[], total=3)]
    assert queries(OffsetPaginator(2, URL), *bodies) == [*started(0, count=2), "start=2&count=2"]
    assert queries(AutoPaginator(URL), *bodies) == [ASKED, "start=2&count=2"]


@pytest.mark.parametrize(
    "href",
    [
        "https://example.com/rest/dmaThings?start=2",
        "//example.com/rest/dmaThings?start=2",
        "https://api.linkedin.com:8443/rest/dmaThings?start=2",
        "https://api.linkedin.com@example.com/rest/dmaThings?start=2",
        "https://api.linkedin.com.example.com/rest/dmaThings?start=2",
        "//[api.linkedin.com/rest/dmaThings?start=2",
        "https://api.linkedin.com:port/rest/dmaThings?start=2",
    ],
)
def test_a_next_link_that_leads_elsewhere_is_refused(href: str) -> None:
    """Or the token would leave for there; the sentence does not repeat the address."""
    with pytest.raises(DmaError, match=r"another host|not an address") as caught:
        OffsetPaginator(2, URL).next_page(page([1, 2], links=[link(href)]))
    assert "example" not in str(caught.value)


@pytest.mark.parametrize(
    "href",
    [
        "/v2/dmaThings?start=2",
        "/dmaThings?start=2",
        "dmaThings?start=2",
        "/rest/dmaOthers?start=2",
        "http://api.linkedin.com/rest/dmaThings?start=2",
        "https://API.linkedin.com:443/v2/dmaThings?start=2",
    ],
)
def test_only_the_query_of_a_next_link_counts(href: str) -> None:
    """However its path is written: the request goes to the listing's own address."""
    assert queries(OffsetPaginator(2, URL), page([1, 2], links=[link(href)]), page([3])) == [
        *started(0, count=2),
        "start=2",
    ]


def walked(server: Answering) -> list[Any]:
    """The elements of each page of a listing, by offset and over the wire."""
    paginator = OffsetPaginator(1, f"{server.url}/rest/dmaThings")
    pages = stream_asking(server.url).client.fetch_pages("dmaThings", PARAMS, paginator)
    return [body["elements"] for body in pages]


def test_a_next_link_of_another_version_is_asked_for_at_our_own_address() -> None:
    """Over the wire."""
    bodies = iter([page([1], links=[link("/v2/dmaThings?q=owner&start=1")]), page([2])])
    with Answering(lambda _: Reply(next(bodies))) as server:
        assert walked(server) == [elements(1), elements(2)]
    assert server.asked[1].target == "/rest/dmaThings?q=owner&start=1"


def test_a_next_link_to_another_host_gets_no_request() -> None:
    """Over the wire: the other host hears nothing."""
    with Answering() as other, Answering() as server:
        server.answer = lambda asked: Reply(page([1], links=[link(f"{other.url}{asked.target}&start=1")]))
        with pytest.raises(DmaError, match="another host"):
            walked(server)
    assert len(server.asked) == 1
    assert other.asked == []


def test_a_long_next_link_is_tunnelled_as_any_long_query() -> None:
    """Also where LinkedIn's link does not begin with the finder."""
    owners = ",".join(f"urn%3Ali%3Aorganization%3A{number}" for number in range(200))
    query = f"start=1&count=1&owners=List({owners})&q=owner"
    assert len(query) > 4000

    def answer(asked: Asked) -> Reply:
        first = page([1], links=[link(f"?{query}")])
        return Reply(first if asked.method == "GET" else page([2], links=[link("?start=0", rel="prev")]))

    with Answering(answer) as server:
        assert walked(server) == [elements(1), elements(2)]
    tunnelled = server.asked[1]
    assert (tunnelled.body.decode(), tunnelled.headers["X-RestLi-Method"]) == (query, "FINDER")


# Three pages as sibling APIs give them: the second lacks two elements, and the link to the third.
REPORTED = [
    page(range(10), start=0, count=10, total=25, links=[link("/rest/dmaThings?q=owner&start=10&count=10")]),
    page(range(10, 18), start=10, count=10, total=25, links=[link("?start=0&count=10", rel="prev")]),
    page(range(20, 25), start=20, count=10, total=25, links=[]),
]


@pytest.mark.parametrize("paginator", [OffsetPaginator(100, URL), AutoPaginator(URL), AutoPaginator(URL, 10)])
def test_a_missing_next_link_is_no_end_while_the_total_tells_of_more(paginator: Paginator) -> None:
    """What two of them lack is withheld, so that is the end."""
    asked = queries(paginator, *REPORTED)
    assert asked[1].partition("start=")[2] == "10&count=10"
    assert "start=18" in asked[2]


class Cutting:
    """A listing of places whose pages are short, repeated or empty now and then, and have no links, or some."""

    def __init__(self, total: int, odd: Mapping[int, str], *, tells: bool = True) -> None:
        self.total, self.odd, self.tells = total, odd, tells
        self.given: set[int] = set()
        self._last: list[int] = []

    def walk(self, paginator: Paginator) -> int:
        """The number of requests that a walk takes."""
        for number in range(1, 50):
            query = parse_qs(paginator.query({"q": "x"}))
            start, count = (int(query.get(name, [default])[0]) for name, default in (("start", "0"), ("count", "10")))
            places = list(range(start, min(start + count, self.total)))
            odd = self.odd.get(number, "")
            if odd == "short":
                places = places[: len(places) // 2]
            if odd == "repeated":
                places = self._last
            if odd == "empty":
                places = []
            self._last = places
            self.given.update(places)
            links = [link(f"/v2/dmaThings?q=x&start={start + count}&count={count}")] if odd == "link" else []
            paging = {"start": start, "count": count} if self.tells and odd != "repeated" else {}
            if not paginator.next_page(page(places, total=self.total, links=links, **paging)):
                return number
        pytest.fail("it never ends")


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("odd", ["short", "repeated", "link"])
@pytest.mark.parametrize("number", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "make", [lambda: OffsetPaginator(10, URL), lambda: AutoPaginator(URL), lambda: AutoPaginator(URL, 10)]
)
def test_one_odd_page_costs_no_element(make: Callable[[], Paginator], number: int, odd: str, tells: bool) -> None:
    """A page that is short is gone on with where it ended; one that is repeated is asked for again."""
    listing = Cutting(48, {1: "link", number: odd}, tells=tells)
    assert listing.walk(make()) <= 8
    assert listing.given == set(range(48))


def test_an_empty_page_is_no_end_while_the_total_tells_of_more() -> None:
    """All of one may be withheld."""
    listing = Cutting(48, {2: "empty"})
    assert listing.walk(OffsetPaginator(10, URL)) == 5
    assert listing.given == {*range(10), *range(20, 48)}
    first = Cutting(48, {1: "empty"})
    first.walk(AutoPaginator(URL))
    assert first.given == set(range(10, 48))


@pytest.mark.parametrize("make", [lambda: OffsetPaginator(10, URL), lambda: AutoPaginator(URL)])
def test_a_page_that_stays_the_same_is_passed_over_and_reported(make: Callable[[], Paginator]) -> None:
    """What comes after it leaves; that the listing is not whole is said at its end."""
    listing = Cutting(48, {2: "repeated", 3: "repeated"})
    with pytest.raises(ShortListing, match="the same page twice, and fewer elements than its total"):
        listing.walk(make())
    assert listing.given == {*range(10), *range(20, 48)}


WITHOUT_END = {"total": 10**12}


@pytest.mark.parametrize(
    ("paginator", "bodies", "error"),
    [
        (PaginationCursor(), [cursor_at("", "a")] * 2, "same pagination cursor"),
        (PaginationCursor(), [cursor_at("", cursor) for cursor in "aba"], "same pagination cursor"),
        (OffsetPaginator(2, URL), [page([1, 2])] * 2, "same page twice, so this listing would never end"),
        (OffsetPaginator(100, URL), [page(range(70), total=120)] * 3, "same page twice, and fewer elements than its"),
        (OffsetPaginator(1, URL), [page([at], links=[link(f"?start={at % 2}")]) for at in range(3)], "same link twice"),
        (OffsetPaginator(2, URL), [page([1, 2], links=[link(f"?start={at}")]) for at in range(4)], "same page twice"),
        (OffsetPaginator(2, URL), [page([], links=[link(f"?start={at}")]) for at in range(100)], "100 empty pages"),
        (
            OffsetPaginator(10, URL),
            [page(range(10), **WITHOUT_END), *[page([], **WITHOUT_END)] * 100],
            "100 empty pages in a row",
        ),
    ],
)
def test_no_listing_goes_on_for_ever(paginator: Paginator, bodies: list[Body], error: str) -> None:
    """It ends with an error where LinkedIn gives a cursor, a page or a link again, or nothing but empty pages."""
    for body in bodies[:-1]:
        assert paginator.next_page(body)
    with pytest.raises(DmaError, match=error):
        paginator.next_page(bodies[-1])


@pytest.mark.parametrize("told", [10**9, 10**18, -5, 0, "30", None])
def test_a_place_that_cannot_be_true_ends_no_listing(told: object) -> None:
    """Nor does it lead back."""
    bodies = [page([1, 2], total=6), page([3, 4], total=6, start=told, count=2), page([5, 6], total=6)]
    assert queries(OffsetPaginator(2, URL), *bodies) == started(0, 2, 4, count=2)


def test_a_page_left_out_of_a_listing_is_in_the_summary(sandbox: Sandbox) -> None:
    """What came leaves, the bookmark and the table's version stay, and other organizations are read."""
    company, other = (organization.urn for organization in sandbox.world.truth.organizations)
    forms = [{"id": number, "owner": company, "lastModified": 1790000000000} for number in range(9)]
    asked = f"owner={company.replace(':', '%3A')}"
    for place in (0, 0, 0, 6):
        paging = {"start": place, "count": 3, "total": 9}
        body = {"elements": forms[place : place + 3], "paging": paging}
        sandbox.answer("dmaLeadGenForm", 200, body=body, when=asked)
    tap, writer = make_tap(sandbox, select={"lead_gen_forms"}, organizations=[company, other])
    tap.sync_all()
    result = Run(writer.messages)
    forms_of = [row["id"] for row in result.records["lead_gen_forms"] if row["organization"] == company]
    assert sorted(set(forms_of)) == [0, 1, 2, 6, 7, 8]
    assert other in result.values("lead_gen_forms", "organization")
    (skip,) = tap.run_context.run.summary.skipped
    assert skip.startswith("lead_gen_forms, organization")
    assert "fewer elements than its total" in skip
    partitions = result.state["bookmarks"]["lead_gen_forms"]["partitions"]
    moved = [part["context"]["organization"] for part in partitions if "replication_key_value" in part]
    assert moved == [other]


@pytest.mark.parametrize(
    ("listings", "asked"),
    [
        (
            [[page([1, 2], total=5), page([3], total=1)], [page([3, 4], total=5), page([])], [page([5], total=5)]],
            [2, 4],
        ),
        ([[page([1, 2], total=5)], [page([], total=5)], [page([5], total=5)]], [2, 4]),
        ([[page([], total=3, count=2)], [page([3], total=3)]], [2]),
        ([[page([1, 2], links=[link("?start=2")])], [page([3])]], [2]),
        ([[page([1, 2], total=2), page([3], total=1)]], []),
        ([[]], []),
    ],
)
def test_listings_side_by_side_go_on_while_one_tells_of_more(listings: list[list[Body]], asked: list[int]) -> None:
    """By its total or its link, whatever the others give."""
    bodies = [{"elements": inner} for inner in listings]
    assert queries(BatchFinderPaginator(), *bodies) == [ASKED, *started(*asked, count=2)]


@pytest.mark.parametrize("links", ["next", [1, None], [{"rel": "next"}], [{"rel": "next", "href": 5}], {"rel": "next"}])
def test_links_that_are_none_are_no_next_page(links: object) -> None:
    """The listing ends, or ends in an error of the tap's own; the run does not fall over."""
    try:
        more = OffsetPaginator(2, URL).next_page(page([1], links=links))
    except DmaError:
        return
    assert not more


@pytest.mark.parametrize(
    ("bodies", "asked"),
    [
        pytest.param([page([1, 2])], [ASKED], id="no sign of a next page"),
        pytest.param([page([1, 2], total=2)], [ASKED], id="the total is reached"),
        pytest.param([{"elements": []}], [ASKED], id="nothing"),
        pytest.param([cursor_at("", "a"), {}], [ASKED, f"{ASKED}&paginationCursor=a"], id="a cursor"),
        pytest.param(
            [{"elements": [], "metadata": {"nextPaginationCursor": "a"}}, cursor_at("", "b"), {}],
            [ASKED, f"{ASKED}&paginationCursor=a", f"{ASKED}&paginationCursor=b"],
            id="an empty page with a cursor",
        ),
        pytest.param(
            [page([1, 2], total=5), page([3, 4], total=5), page([5], total=5)],
            [ASKED, *started(2, 4, count=2)],
            id="a larger total",
        ),
        pytest.param(
            [page([1, 2], links=[link("?start=2&count=2")]), page([3])],
            [ASKED, "start=2&count=2"],
            id="a next link",
        ),
        pytest.param([page([1, 2], links=[link("?start=0", rel="prev")])], [ASKED], id="links without a next"),
    ],
)
def test_the_way_of_paging_is_told_by_the_first_answer(bodies: list[Body], asked: list[str]) -> None:
    """Asked plainly first; a cursor wins, then a next link or a larger total, else that was all."""
    assert queries(AutoPaginator(URL), *bodies) == asked
    assert queries(SinglePage(), bodies[0]) == [ASKED]


@pytest.mark.parametrize(
    ("bodies", "paging"),
    [
        pytest.param([page([1, 2]), page([3])], ["count=2", "count=2&start=2"], id="a full page"),
        pytest.param([page([1])], ["count=2"], id="all there is"),
        pytest.param([page([1], total=2), page([2], total=2)], ["count=2", "count=1&start=1"], id="a larger total"),
        pytest.param([cursor_at("", "a"), {}], ["count=2", "maxPaginationCount=2&paginationCursor=a"], id="a cursor"),
    ],
)
def test_a_page_size_is_sent_where_the_way_of_paging_is_to_be_told(bodies: list[Body], paging: list[str]) -> None:
    """As a `count`, until a cursor tells that it has another name; never both."""
    assert queries(AutoPaginator(URL, 2), *bodies) == [f"{ASKED}&{asked}" for asked in paging]


def test_a_page_size_takes_the_place_of_the_streams_own() -> None:
    """Under the name that it has there, also where an earlier run's cursor goes on."""
    for own in ({"maxPaginationCount": 100}, {"count": 100}):
        (name,) = own
        assert AutoPaginator(URL, 2).query(own) == f"{name}=2"
    paginator = AutoPaginator(URL, 2)
    paginator.start_at("a")
    assert paginator.query({}) == "maxPaginationCount=2&paginationCursor=a"
