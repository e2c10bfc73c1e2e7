"""Walking listings: where the next page is, and where the end is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.paginators import Detect, OnePage, PaginationCursor, Paginator, StartCount
from tests.tap.answering import Answering, Asked, Reply, stream_asking

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
        more = paginator.advance(waiting.pop(0))
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


def test_an_empty_page_with_a_cursor_is_not_the_end() -> None:
    """Nor is one without elements at all; what follows is walked to its end."""
    pages: list[Body] = [
        {"elements": [], "metadata": {"nextPaginationCursor": "a"}},
        {"metadata": {"nextPaginationCursor": "b"}},
        {"elements": elements(1), "metadata": {"nextPaginationCursor": "c"}},
        {"elements": []},
    ]
    assert len(queries(PaginationCursor(100), *pages)) == 4


def test_start_and_count_are_never_sent_with_a_cursor() -> None:
    """Nor read: `paging` beside the cursor says nothing."""
    page: Body = {"elements": elements(1), "paging": {"start": 0, "count": 1, "total": 1}, **cursor_at("", "a")}
    for query in queries(PaginationCursor(1), page, {}):
        assert "start=" not in query
        assert "count=" not in query


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_cursor_seen_before_ends_the_listing_with_an_error(cursors: list[str]) -> None:
    """No loop can run for ever."""
    paginator = PaginationCursor()
    for cursor in cursors[:-1]:
        assert paginator.advance(cursor_at("", cursor))
    with pytest.raises(DmaError, match="same pagination cursor"):
        paginator.advance(cursor_at("", cursors[-1]))


def test_a_cursor_belongs_to_one_walk() -> None:
    """Two listings may well give the same one."""
    for _ in range(2):
        assert len(queries(PaginationCursor(), cursor_at("", "a"), {})) == 2


def test_a_walk_sends_each_cursor_as_it_came() -> None:
    """Over the wire: none on page one, then each answer's own, escaped once."""
    bodies = iter([cursor_at("paginationCursorMetdata", "a=/+&%25"), cursor_at("paginationCursorMetdata", "b"), {}])
    with Answering(lambda _: Reply(next(bodies))) as server:
        pages = list(stream_asking(server.url).walk("dmaThings", PARAMS, PaginationCursor(1000)))
    assert len(pages) == 3
    assert [asked.query for asked in server.asked] == [
        f"{ASKED}&maxPaginationCount=1000",
        f"{ASKED}&maxPaginationCount=1000&paginationCursor=a%3D%2F%2B%26%2525",
        f"{ASKED}&maxPaginationCount=1000&paginationCursor=b",
    ]


def test_one_page_is_asked_for_once() -> None:
    """Without any parameter of paging, whatever the answer says."""
    body = {"elements": elements(1), "paging": {"total": 9, "links": [link("?start=1")]}, **cursor_at("", "a")}
    assert queries(OnePage(), body) == [ASKED]


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
    ],
)
def test_start_goes_up_until_the_listing_ends(bodies: list[Body], starts: list[int]) -> None:
    """At its total, or where that is not said with a page that is not full."""
    assert queries(StartCount(2, URL), *bodies) == started(*starts, count=2)


def test_a_capped_count_leaves_no_gap() -> None:
    """LinkedIn may give fewer than asked for, and says so: the next page starts where this one ended."""
    bodies = [page([1, 2], count=2), page([3, 4], count=2), page([5], count=2)]
    assert queries(StartCount(100, URL), *bodies) == started(0, 2, 4, count=100)


def test_a_page_that_is_short_of_the_total_leaves_no_gap() -> None:
    """LinkedIn may cap the count and not say so: the next page starts after as many as came."""
    bodies = [page(range(70), total=120), page(range(70, 120), total=120)]
    assert queries(StartCount(100, URL), *bodies) == started(0, 70, count=100)


class Filtering:
    """A listing of places, some of which are left out of its pages but count in its total."""

    def __init__(self, total: int, shown: Iterable[int]) -> None:
        self.total, self.shown = total, set(shown)
        self.given: set[int] = set()

    def walk(self, count: int) -> int:
        """The number of requests that a walk takes."""
        paginator, requests, more = StartCount(count, URL), 0, True
        while more:
            start = int(paginator.query({}).partition("start=")[2].partition("&")[0])
            places = [place for place in range(start, min(start + count, self.total)) if place in self.shown]
            self.given.update(places)
            more = paginator.advance(page(places, total=self.total))
            requests += 1
        return requests


@pytest.mark.parametrize("shown", [[0, 1, 2], [8, 9], [0, 9], [3, 9, 14, 21, 29], range(0, 30, 2), range(30)])
@pytest.mark.parametrize("count", [10, 30, 100])
def test_a_listing_that_leaves_elements_out_is_read_to_its_end(shown: Iterable[int], count: int) -> None:
    """Pages are short then and overlap; none that is shown is missed, and the end comes soon."""
    listing = Filtering(30, shown)
    assert listing.walk(count) <= 2 * len(listing.shown) + 2
    assert listing.given == listing.shown


def test_a_server_that_ignores_start_is_an_error_though_its_pages_are_short() -> None:
    """What it never gives would be lost in silence."""
    with pytest.raises(DmaError, match="same page"):
        queries(StartCount(100, URL), *[page(range(70), total=120)] * 4)


@pytest.mark.parametrize("origin", ["", "/rest/dmaThings", URL])
def test_a_next_link_is_followed(origin: str) -> None:
    """Its query as it stands, encoded by LinkedIn; the end is an answer whose links have no next."""
    query = "q=owner&owner=urn%3Ali%3Aorganization%3A42&start=7&count=3&x=List(a,b)"
    bodies = [
        page([1], links=[link("?start=0", rel="prev"), link(f"{origin}?{query}")], total=1),
        page([2], links=[link("?start=0", rel="prev")]),
    ]
    assert queries(StartCount(2, URL), *bodies) == [*started(0, count=2), query]


def test_no_links_after_a_next_link_are_the_end() -> None:
    """Whatever the total beside them: who follows links has counted nothing."""
    bodies = [page([1, 2], links=[link("?start=2&count=2")], total=3), page([3], links=[], total=3)]
    assert queries(StartCount(2, URL), *bodies) == [*started(0, count=2), "start=2&count=2"]
    assert queries(Detect(URL), *bodies) == [ASKED, "start=2&count=2"]


@pytest.mark.parametrize(
    "href",
    [
        "https://example.com/rest/dmaThings?start=2",
        "//example.com/rest/dmaThings?start=2",
        "http://api.linkedin.com/rest/dmaThings?start=2",
        "https://api.linkedin.com:8443/rest/dmaThings?start=2",
        "https://api.linkedin.com@example.com/rest/dmaThings?start=2",
        "https://api.linkedin.com.example.com/rest/dmaThings?start=2",
        "/rest/dmaOthers?start=2",
        "/v2/dmaThings?start=2",
        "/rest/dmaThings/../dmaOthers?start=2",
    ],
)
def test_a_next_link_that_leads_elsewhere_is_refused(href: str) -> None:
    """Or the token would leave for there; the sentence does not repeat the address."""
    with pytest.raises(DmaError, match="another address") as caught:
        StartCount(2, URL).advance(page([1, 2], links=[link(href)]))
    assert "example" not in str(caught.value)


def test_a_next_link_to_another_host_gets_no_request() -> None:
    """Over the wire: the other host hears nothing."""
    with Answering() as other, Answering() as server:
        server.answer = lambda asked: Reply(page([1], links=[link(f"{other.url}{asked.target}&start=1")]))
        walk = stream_asking(server.url).walk("dmaThings", PARAMS, StartCount(1, f"{server.url}/rest/dmaThings"))
        with pytest.raises(DmaError, match="another address"):
            list(walk)
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
        walk = stream_asking(server.url).walk("dmaThings", PARAMS, StartCount(1, f"{server.url}/rest/dmaThings"))
        assert [body["elements"] for body in walk] == [elements(1), elements(2)]
    tunnelled = server.asked[1]
    assert (tunnelled.body.decode(), tunnelled.headers["X-RestLi-Method"]) == (query, "FINDER")


def test_the_same_page_twice_ends_the_listing_with_an_error() -> None:
    """A server that ignores `start` would give it for ever."""
    paginator = StartCount(2, URL)
    assert paginator.advance(page([1, 2]))
    with pytest.raises(DmaError, match="same page"):
        paginator.advance(page([1, 2]))


def test_next_links_that_go_in_a_circle_end_the_listing_with_an_error() -> None:
    """A link that was followed before leads where the walk has been."""
    paginator = StartCount(1, URL)
    assert paginator.advance(page([1], links=[link("?start=1")]))
    assert paginator.advance(page([2], links=[link("?start=2")]))
    with pytest.raises(DmaError, match="never end"):
        paginator.advance(page([3], links=[link("?start=1")]))


@pytest.mark.parametrize("links", ["next", [1, None], [{"rel": "next"}], [{"rel": "next", "href": 5}], {"rel": "next"}])
def test_links_that_are_none_are_no_next_page(links: object) -> None:
    """The listing ends, or ends in an error of the tap's own; the run does not fall over."""
    try:
        more = StartCount(2, URL).advance(page([1], links=links))
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
    assert queries(Detect(URL), *bodies) == asked


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
    assert queries(Detect(URL, 2), *bodies) == [f"{ASKED}&{asked}" for asked in paging]


def test_a_page_size_takes_the_place_of_the_streams_own() -> None:
    """Under the name that it has there, also where an earlier run's cursor goes on."""
    for own in ({"maxPaginationCount": 100}, {"count": 100}):
        (name,) = own
        assert Detect(URL, 2).query(own) == f"{name}=2"
    paginator = Detect(URL, 2)
    paginator.go_to("a")
    assert paginator.query({}) == "maxPaginationCount=2&paginationCursor=a"


def test_a_walk_yields_empty_pages_too() -> None:
    """Whoever reads them tells from it that the listing goes on."""
    bodies = iter([{**cursor_at("", "a"), "elements": []}, {"elements": elements(1)}])
    with Answering(lambda _: Reply(next(bodies))) as server:
        pages = list(stream_asking(server.url).walk("dmaThings", PARAMS, PaginationCursor()))
    assert [body["elements"] for body in pages] == [[], elements(1)]
