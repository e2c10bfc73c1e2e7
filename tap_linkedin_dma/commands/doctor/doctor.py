"""`tap-linkedin-dma doctor`: finds problems that would affect a run, and says how to fix them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import IO, Any, cast

import click
from singer_sdk.singerlib import Catalog

from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import Client, Token
from tap_linkedin_dma.api.errors import TokenRejected, VersionRejected
from tap_linkedin_dma.api.products import MEMBER, PAGES, Product
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.commands.config_option import CommandTap, configured, quiet_logs
from tap_linkedin_dma.commands.doctor.findings import Finding, as_json, as_text, is_well
from tap_linkedin_dma.commands.doctor.probes import FirstPageAdapter, StreamChecks
from tap_linkedin_dma.commands.doctor.token_check import token_finding
from tap_linkedin_dma.config import catalogs, json_files, settings
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.member.authorizations import MemberStream
from tap_linkedin_dma.tap import TapLinkedInDMA


class _Probing(CommandTap):
    """The tap with few requests, without waits or retries."""

    @cached_property
    def probe(self) -> FirstPageAdapter:
        """The adapter for all requests."""
        intervals = {**settings.INTERVALS, **self.config["request_intervals"]}
        paced = {resource for resource, seconds in intervals.items() if seconds}
        return FirstPageAdapter(paced, float(self.config["request_timeout"]))

    def adjust_config(self, config: dict[str, Any]) -> None:
        config.update(max_tries=1, max_concurrency=1, stream_options=_small_pages(config["stream_options"]))

    def _connect(self, config: Mapping[str, Any]) -> Client:
        unpaced = dict.fromkeys({**settings.INTERVALS, **config["request_intervals"]}, 0)
        client = super()._connect({**config, "request_intervals": unpaced})
        client.session.mount(config["api_url"], self.probe)
        return client


def _small_pages(options: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The setting `stream_options` with no page larger than one BATCH_GET reads."""
    large = {stream.name for stream in STREAMS if (stream.page_size or 0) > MAX_BATCH}
    return {name: {**options.get(name, {}), "page_size": MAX_BATCH} for name in large} | {
        name: chosen for name, chosen in options.items() if name not in large
    }


@click.command(short_help="Look for what stands in the way of a run.")
@click.option("--all", "every", is_flag=True, help="Look at every stream, not just those that are selected.")
@click.option("--catalog", type=click.File(), help="The catalog that says which streams are selected.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@configured(_Probing)
def doctor(tap: _Probing, *, every: bool, catalog: IO[str] | None, is_json: bool) -> None:
    """Look for what stands in the way of a run: the token, LinkedIn's version, organizations, streams.

    Each stream's first page is asked for, as a run asks for it, and nothing is written. Of what LinkedIn answers once
    a minute one call is made for all streams together. A token that is due is renewed, as by a run.

    The exit code is 0 where nothing is wrong, and 1 otherwise. A NOTE is no fault.
    """
    given_catalog = json_files.read_stream("catalog", catalog, catalogs.ADVICE) if catalog else None
    _select(tap, catalogs.validate(given_catalog) if given_catalog else None, every=every)
    tokens = [token_finding(kind, tap.config, token, tap.clock) for kind, token in _tokens(tap).items()]
    checkup = StreamChecks(tap, tap.probe)
    with quiet_logs(logging.ERROR):
        streams = checkup.findings()
    findings = [*_proven(tap, tokens, checkup), *_organizations(checkup), *streams]
    click.echo(as_json(findings) if is_json else as_text(findings))
    if not is_well(findings):
        click.get_current_context().exit(1)


def _select(tap: TapLinkedInDMA, catalog: Catalog | None, *, every: bool) -> None:
    """Select the catalog's streams, or the defaults without a catalog; every stream if asked for."""
    for stream in tap.streams.values():
        if catalog and stream.tap_stream_id in catalog:
            stream.apply_catalog(catalog)
        elif catalog:
            stream.selected = False
        if every:
            stream.selected = True


def _proven(tap: TapLinkedInDMA, tokens: Sequence[Finding], checkup: StreamChecks) -> Iterator[Finding]:
    """The findings on the tokens and the version, after LinkedIn's answers to their use."""
    ends = {kind.setting: checkup.ends.get(token) for kind, token in _tokens(tap).items()}
    for finding in tokens:
        end = ends[finding.name]
        yield replace(finding, verdict="wrong", says=str(end)) if isinstance(end, TokenRejected) else finding
    for kind, token in _tokens(tap).items():
        if kind is PAGES:
            yield _version(tap, token, checkup)


def _version(tap: TapLinkedInDMA, token: Token, checkup: StreamChecks) -> Finding:
    client = next(client for client in tap.run_context.clients if client.token is token)
    version, end = client.version.current, checkup.ends.get(token)
    if isinstance(end, VersionRejected):
        return Finding("version", version, "wrong", str(end))
    if token in checkup.answered:
        newest = client.newest_served()
        return Finding("version", version, "ok", f"LinkedIn serves it. The newest that this release knows: {newest}.")
    return Finding("version", version, "note", "Not known, since LinkedIn answered nothing.")


def _organizations(checkup: StreamChecks) -> Iterator[Finding]:
    """Each organization that a run reads, with the member's role and its page."""
    roles = {row["organization"]: row["role"] for row in checkup.rows.get("my_organization_acls", ())}
    names = {row["organization"]: row["localized_name"] for row in checkup.rows.get("organizations", ())}
    for known in checkup.parents.get("organizations", ()):
        urn, page = known["organization"], known["organizational_page"]
        facts = {"organization": urn, "role": roles.get(urn), "organizational_page": page}
        says = f"{urn}, role {roles.get(urn, 'unknown')}, page {page}"
        yield Finding("organization", names.get(urn) or urn, "ok" if urn in roles else "note", says, facts)


def _tokens(tap: TapLinkedInDMA) -> Mapping[Product, BearerToken]:
    """The tokens that have streams, by their product."""
    streams = cast("Iterable[DmaStream]", tap.streams.values())
    return {
        MEMBER if isinstance(stream, MemberStream) else PAGES: cast("BearerToken", stream.client.token)
        for stream in streams
    }
