"""`tap-linkedin-dma doctor`: finds problems that would affect a run, and says how to fix them."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

import click
from singer_sdk.singerlib import Catalog

from tap_linkedin_dma.api.batch_get import MAX_BATCH
from tap_linkedin_dma.api.client import Client, Token
from tap_linkedin_dma.api.errors import TokenRejected, VersionRejected
from tap_linkedin_dma.api.products import MEMBER, PAGES, Product
from tap_linkedin_dma.auth.bearer import BearerToken
from tap_linkedin_dma.commands.config_option import CommandTap, configured, quiet_logs
from tap_linkedin_dma.commands.doctor.estimate import Estimate
from tap_linkedin_dma.commands.doctor.findings import Finding, as_json, as_text, is_well
from tap_linkedin_dma.commands.doctor.probes import FirstPageAdapter, StreamChecks
from tap_linkedin_dma.commands.doctor.token_check import token_finding
from tap_linkedin_dma.config import catalogs, json_files, settings
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.output.wire_report.recorder import WireRecorder
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.expected import WORDS, expected_streams
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

    @cached_property
    def wire_recorder(self) -> WireRecorder:
        """Keeps the shapes of requests and answers, whether or not a report is wanted: they are few."""
        return WireRecorder(expected_streams(), WORDS)

    def adjust_config(self, config: dict[str, Any]) -> None:
        self.given_config = dict(config)
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


_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Check token, roles and streams before a run.")
@click.option("--all", "every", is_flag=True, help="Check every stream, not just those that are selected.")
@click.option("--catalog", type=click.File(), help="The catalog that says which streams are selected.")
@click.option("--verbose", "is_verbose", is_flag=True, help="List the streams that are OK too.")
@click.option(
    "--estimate", "is_estimate", is_flag=True, help="Estimate the calls and minutes of a run, in place of the checks."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.option("--report", metavar="FILE", type=_OUTPUT, help="Write a wire report: the form of LinkedIn's answers.")
@click.option("--from-run", metavar="FILE", type=_OUTPUT, help="Add the wire report of a run to it.")
@click.option("--yes", "is_agreed", is_flag=True, help="Write the report without asking.")
@configured(_Probing)
def doctor(
    tap: _Probing,
    *,
    every: bool,
    catalog: IO[str] | None,
    is_verbose: bool,
    is_estimate: bool,
    is_json: bool,
    report: Path | None,
    from_run: Path | None,
    is_agreed: bool,
) -> None:
    """Check token, version, organizations and streams before a run.

    This requests each stream's first page, as a run does, and writes nothing. If LinkedIn answers a resource once a
    minute, all streams share one call to it. A token that is due is renewed, as by a run.

    With --estimate, this lists the posts and counts of each page at the pace of a run, which takes a second for 1,000
    posts, and some seconds for each page; then it prints the calls that a first run and a daily run make, and how long
    they take.

    With --report, this also writes the form of LinkedIn's requests and answers to a JSON file, and to a Markdown file
    beside it: names of fields and types, and no value. It asks before it does. Please send the file to the tap's
    repository: much of LinkedIn's API is not documented. --from-run adds what a run with the setting wire_report met.

    The exit code is 1 if anything is WRONG, and 0 otherwise. A NOTE is no fault.
    """
    if from_run and not report:
        raise click.UsageError("--from-run needs --report FILE, the report to write.")
    of_run = [document.read(from_run)] if from_run else []
    if report:
        _ask(report, is_agreed=is_agreed)
    given_catalog = json_files.read_stream("catalog", catalog, catalogs.ADVICE) if catalog else None
    selected = catalogs.validate(given_catalog) if given_catalog else None
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if is_estimate:
        paced = CommandTap(config=tap.given_config, setup_mapper=False)
        _select(paced, selected, every=every)
        with quiet_logs(logging.ERROR):
            estimate = Estimate.of(paced)
        click.echo(estimate.as_json() if is_json else estimate.as_text(width))
        return
    _select(tap, selected, every=every)
    tokens = [token_finding(kind, tap.config, token, tap.clock) for kind, token in _tokens(tap).items()]
    checkup = StreamChecks(tap, tap.probe)
    with quiet_logs(logging.ERROR):
        streams = checkup.findings()
    if checkup.outage:
        findings = [Finding("connection", tap.config["api_url"], "wrong", str(checkup.outage)), *tokens]
    else:
        findings = [*_proven(tap, tokens, checkup), *_organizations(checkup), *streams]
    if report:
        document.write(document.merged([tap.wire_report(), *of_run]), report)
        click.echo(f"Wrote {report} and {document.markdown_path(report)}.", err=True)
    click.echo(as_json(findings) if is_json else as_text(findings, is_verbose=is_verbose, width=width))
    if not is_well(findings):
        click.get_current_context().exit(1)


def _ask(report: Path, *, is_agreed: bool) -> None:
    """Say what the report will have, and end the command unless the user agrees."""
    click.echo(document.CONTENTS, err=True)
    if not is_agreed:
        click.confirm(f"Write it to {report}?", abort=True, err=True)


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
    """The findings on the settings, the tokens and the version, after LinkedIn's answers to their use."""
    for sentence in tap.config_warnings(tap.config):
        yield Finding("settings", "config", "note", sentence)
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
    return Finding("version", version, "note", "Not checked: LinkedIn did not answer.")


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
