"""What can only be looked up: all that the world mentions resolves, or says why not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import World
from linkedin_sandbox.world.analytics import DIMENSIONS
from linkedin_sandbox.world.follows import FIRST_FOLLOWER, ROOM
from linkedin_sandbox.world.members import consents, person
from tests.sandbox.client import ORGANIZATION, SHOWCASE, Client
from tests.sandbox.listings import body, elements, serving

LOCALE = "locale=(language:en,country:US)"
BENEFITS = "dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits"
COMMITMENTS = "dmaFeaturedCommitmentTaxonomyVersions/DEFAULT/dmaFeaturedCommitment"
REVISIONS = "dmaOrganizationContentRevisions"


def urns_in(found: object, kind: str) -> set[str]:
    """The URNs of a kind anywhere in what came."""
    key = r"\((?:[^()]|\([^()]*\))*\)|[\w-]+"
    return {f"urn:li:{kind}:{match}" for match in re.findall(rf"urn:li:{kind}:({key})", json.dumps(found))}


def ids_in(rows: list[dict[str, Any]], kind: str, *fields: str) -> set[str]:
    """The URNs of a kind, and those whose bare ids stand in these fields."""
    values = [row[field] for row in rows for field in fields if field in row]
    each = [entry for value in values for entry in (value if isinstance(value, list) else [value])]
    ids = [entry["id"] if isinstance(entry, dict) else entry for entry in each if not isinstance(entry, str)]
    return urns_in(rows, kind) | {f"urn:li:{kind}:{number}" for number in ids}


def products(client: Client) -> set[str]:
    """The categories that products name, by a URN of either kind or by id."""
    rows = [row for owner in ("company", "showcase") for row in elements(client, "dmaOrganizationProducts", owner)]
    named = ids_in(rows, "standardizedProductCategory", "productCategory", "productCategoryIds")
    return named | {urn.replace("productC", "standardizedProductC") for urn in urns_in(rows, "productCategory")}


def benefits(client: Client) -> set[str]:
    """The benefits that workplace policies and revisions of the Life page name."""
    rows = elements(client, "dmaOrganizationWorkplacePolicies")
    return ids_in(rows, "benefit", "benefitIds") | urns_in(elements(client, REVISIONS), "benefit")


def commitments(client: Client) -> set[str]:
    """The featured commitments that an organization's name."""
    rows = elements(client, "dmaOrganizationCommitment")
    return ids_in(rows, "featuredCommitment", "featuredCommitmentId", "featuredCommitments")


def accounts(client: Client) -> set[str]:
    """The Business Manager accounts that the organizations are linked to."""
    asked = f"organizations=List({ORGANIZATION},{SHOWCASE})&start=0&count=100"
    return urns_in(
        body(client, f"dmaBusinessManagerAccountOrganizations?bq=organizations&{asked}"), "businessManagerAccount"
    )


def contents(client: Client) -> set[str]:
    """The targeted contents that revisions show."""
    rows = [row for owner in ("company", "showcase") for row in elements(client, REVISIONS, owner)]
    return urns_in(rows, "organizationTargetedContent")


def geos(client: Client) -> set[str]:
    """The places of organizations and of demographics."""
    located = urns_in(client.batch("dmaOrganizations", ["90417283"]), "geo")
    return located | set(DIMENSIONS["COUNTRY_GEO"][1]) | set(DIMENSIONS["REGION_GEO"][1])


def organizations(client: Client) -> set[str]:
    """The organizations in posts, in profiles and among children."""
    world = client.sandbox.world
    posts = client.batch("dmaPosts", world.truth.posts[:50])
    profiles = body(client, f"dmaOrganizationalPageProfiles?q=pageEntity&pageEntity=(organization:{SHOWCASE})")
    return urns_in([posts, profiles, elements(client, "dmaOrganizations")], "organization")


def people(client: Client) -> set[str]:
    """The members in reactions, comments and articles, and among followers."""
    world = client.sandbox.world
    reactions = [reaction.urn for reaction in world.truth.reactions]
    followers = [row["follower"] for row in world.truth.followers if "follower" in row]
    shown = client.batch("dmaComments", [comment.urn for comment in world.truth.comments[:20]])
    return urns_in([reactions, followers, shown, elements(client, "dmaOriginalArticles")], "person")


@dataclass(frozen=True)
class Lookup:
    """A resource, who mentions its entities, and how an id is written: as at first, and in other forms."""

    path: str
    mentions: Callable[[Client], set[str]]
    forms: tuple[str, ...]

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.path.rpartition("/")[2]

    def ids(self, urns: list[str], form: int = 0) -> str:
        """The `ids` parameter for these URNs."""
        return f"ids=List({','.join(map(self.forms[form].__mod__, map(self.parts, urns)))})"

    @staticmethod
    def parts(urn: str) -> dict[str, str]:
        """What the forms are made of."""
        return {"urn": quote(urn, safe=""), "id": quote(urn.split(":", 3)[3], safe="")}

    def key(self, urn: str) -> str:
        """What an entity stands under, asked for in the first form."""
        first = self.forms[0]
        return urn if "urn" in first else first % {"id": urn.split(":", 3)[3]}


ID, URN, RECORD = "%(id)s", "%(urn)s", "(id:%(id)s)"
LOOKUPS = (
    Lookup("dmaPeople", people, (RECORD, URN, ID)),
    Lookup("dmaOrganizationLookup", organizations, (ID,)),
    Lookup("dmaGeo", geos, (ID,)),
    Lookup("dmaProductCategories", products, (ID, URN, "urn%%3Ali%%3AproductCategory%%3A%(id)s", RECORD)),
    Lookup("dmaBusinessManagerAccounts", accounts, (ID, URN, RECORD)),
    Lookup("dmaOrganizationTargetedContents", contents, (URN, ID)),
    Lookup(BENEFITS, benefits, (ID, URN, RECORD)),
    Lookup(COMMITMENTS, commitments, (ID, URN, RECORD)),
)
BY_NAME = {lookup.name: lookup for lookup in LOOKUPS}
every_lookup = pytest.mark.parametrize("lookup", LOOKUPS, ids=BY_NAME)


def batches(client: Client, lookup: Lookup, urns: set[str]) -> Iterator[dict[str, Any]]:
    """The envelopes for all of these, fifty at a time."""
    asked = sorted(urns)
    for start in range(0, len(asked), 50):
        yield body(client, f"{lookup.path}?{lookup.ids(asked[start : start + 50])}")


def sorted_out(client: Client, lookup: Lookup) -> tuple[dict[str, Any], dict[str, int], set[str]]:
    """What the world mentions, by what became of it: the entities, the statuses, and what was nowhere."""
    urns = lookup.mentions(client)
    found: dict[str, Any] = {}
    failed: dict[str, int] = {}
    for envelope in batches(client, lookup, urns):
        found |= envelope["results"]
        failed |= {key: error["status"] for key, error in envelope.get("errors", {}).items()}
        assert {key for key, status in envelope.get("statuses", {}).items() if status != 200} <= failed.keys()
    keys = {lookup.key(urn) for urn in urns}
    assert found.keys() | failed.keys() <= keys
    return found, failed, keys - found.keys() - failed.keys()


@every_lookup
def test_what_the_world_mentions_resolves_or_is_withheld_silent_or_gone(client: Client, lookup: Lookup) -> None:
    """Most of it resolves, under the key that it was asked by; places are never gone; what nobody mentions is."""
    found, failed, silent = sorted_out(client, lookup)
    assert len(found) >= max(2, len(failed), len(silent))
    assert all(entity["futureField"] for entity in found.values())
    assert "futureNested" in json.dumps(list(found.values()))
    assert {*failed.values()} == ({403} if lookup.name == "dmaGeo" else {403, 404})
    assert silent
    kind = sorted(lookup.mentions(client))[0].split(":")[2]
    absent = f"urn:li:{kind}:{'AAAAAAAAAAA' if kind == 'person' else '1'}"
    envelope = body(client, f"{lookup.path}?{lookup.ids([absent])}")
    assert (envelope["results"], envelope["errors"][lookup.key(absent)]["status"]) == ({}, 404)


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"dmaOrganizationLookup"}))
def test_one_is_read_by_the_key_in_the_path(client: Client, name: str) -> None:
    """Withheld ones are 403 and others that are not given 404."""
    lookup = BY_NAME[name]
    found, failed, silent = sorted_out(client, lookup)
    by_key = {lookup.key(urn): urn for urn in lookup.mentions(client)}
    withheld = next(key for key, status in failed.items() if status == 403)
    path = f"{lookup.path}/{lookup.forms[0] % lookup.parts(by_key[sorted(found)[0]])}"
    assert body(client, path) == found[sorted(found)[0]]
    for key, status in ((withheld, 403), (sorted(silent)[0], 404)):
        assert client.get(f"{lookup.path}/{lookup.forms[0] % lookup.parts(by_key[key])}").status == status


def test_keys_of_records_come_encoded_on_a_switch(client: Client, world: World) -> None:
    """With encoded_keys a reader must decode `(id:AbC123)` too."""
    urns = sorted(people(client))[:40]
    world.encoded_keys = True
    found = body(client, f"dmaPeople?{BY_NAME['dmaPeople'].ids(urns)}")
    assert all(key.startswith("%28id%3A") and key.endswith("%29") for key in found["results"])


def test_members_without_consent_are_withheld_or_silent(client: Client, world: World) -> None:
    """Of those whom nobody names, too; the member behind the token is shown as dmaMe shows it."""
    hidden = [person(world.seed, member) for member in range(1, 60) if not consents(world.seed, member)]
    (found,) = batches(client, BY_NAME["dmaPeople"], set(hidden))
    assert found["results"] == {}
    assert set(found["statuses"].values()) == {403}
    assert 0 < len(found["statuses"]) < len(hidden)
    me = body(client, "dmaMe")
    assert body(client, f"dmaPeople/(id:{me['id']})") == me


def test_followers_are_people(client: Client, world: World) -> None:
    """Those who are listed by name, and nobody else at their places."""
    rows = world.truth.followers
    there = [row["follower"] for row in rows if ":person:" in row.get("follower", "")]
    found = sum(len(envelope["results"]) for envelope in batches(client, BY_NAME["dmaPeople"], set(there)))
    assert found > 0.8 * len(there)
    first = person(world.seed, FIRST_FOLLOWER + rows.organization.page * ROOM + len(rows))
    (envelope,) = batches(client, BY_NAME["dmaPeople"], {first})
    assert envelope["errors"][f"(id:{first.rpartition(':')[2]})"]["status"] == 404


def test_people_show_more_or_less(client: Client) -> None:
    """Fields of the contract on some; a few lack their id, which only the key tells then."""
    found, _, _ = sorted_out(client, BY_NAME["dmaPeople"])
    for field in ("id", "headline", "localizedHeadline", "vanityName", "profilePicture"):
        assert 0 < sum(field in entity for entity in found.values()) < len(found), field
    assert all(key == f"(id:{entity.get('id', key[4:-1])})" for key, entity in found.items())
    assert all(
        list(entity["firstName"]["localized"].values()) == [entity["localizedFirstName"]] for entity in found.values()
    )


def test_organizations_show_more_or_less(client: Client) -> None:
    """One lacks its id; what is not administered is there all the same, and links change on each call."""
    found, _, _ = sorted_out(client, BY_NAME["dmaOrganizationLookup"])
    assert sum("id" not in entity for entity in found.values()) == 1
    assert 0 < sum("vanityName" in entity for entity in found.values()) < len(found)
    stranger = [body(client, "dmaOrganizationLookup?ids=List(90419977,77)")["results"] for _ in range(2)]
    assert stranger[0].keys() == {"90419977", "77"}
    assert stranger[0] != stranger[1]


def test_places_have_one_name_and_some_no_id(client: Client) -> None:
    """In the language asked for, which is written as the lists have it."""
    found, _, _ = sorted_out(client, BY_NAME["dmaGeo"])
    assert {key for key, entity in found.items() if "id" not in entity} == {"105015875"}
    german = body(client, "dmaGeo?ids=List(101282230)&locale=(language:de,country:DE)")["results"]["101282230"]
    assert german["defaultLocalizedName"]["locale"] == {"language": "de", "country": "DE"}
    assert german["defaultLocalizedName"]["value"] != found["101282230"]["defaultLocalizedName"]["value"]
    with serving(guesses={"dmaGeo": 1}) as guessed:
        assert body(guessed, "dmaGeo?ids=List(101282230)&locale=de_DE")["results"] == {"101282230": german}


def test_targeted_contents_have_simple_and_compound_urns(client: Client) -> None:
    """Both resolve."""
    found, _, _ = sorted_out(client, BY_NAME["dmaOrganizationTargetedContents"])
    assert {"(" in urn for urn in found} == {True, False}
    assert {type(entity["title"]) for entity in found.values()} == {str, dict}


def test_a_published_revision_stands_in_the_history_too(client: Client) -> None:
    """The same but for its state."""
    history = {row["revisionNumber"]: row for row in elements(client, REVISIONS)}
    (live,) = body(client, f"{REVISIONS}?q=published&organization={ORGANIZATION}")["elements"]
    assert {**live, "state": ""} == {**history[live["revisionNumber"]], "state": ""}


def test_career_page_settings_are_one_entity(client: Client) -> None:
    """With something unannounced inside."""
    assert "futureNested" in body(client, f"dmaCareerPageSettings/{ORGANIZATION}")["recruiterLink"]
