"""LinkedIn pages of several clients into PostgreSQL, each in a schema of its own, and marts of them all."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets
from dotenv import dotenv_values

HERE = Path(__file__).parent
PROJECT = Path(os.environ.get("MELTANO_PROJECT_ROOT", HERE.parent.parent))
CLIENTS = Path(os.environ.get("LINKEDIN_CLIENTS", HERE / "clients"))
DAY = timedelta(days=1)

# LinkedIn answers a request for follows once a minute: of many pages they are read once a week, with who they name.
FOLLOWS = ("followers", "following")
NAMED = ("people", "organization_lookup")

PARTITIONS = dg.DynamicPartitionsDefinition(name="linkedin")
"""`CLIENT`, all pages of a client in one run, or `CLIENT:ORGANIZATION`, one page of it."""

RETRIES = dg.RetryPolicy(max_retries=3, delay=300, backoff=dg.Backoff.EXPONENTIAL)


def environment(partition: str) -> dict[str, str]:
    """The settings of a partition: those of the client's file, over those of Dagster's own environment."""
    client, _, organization = partition.partition(":")
    file = CLIENTS / f"{client}.env"
    if not file.exists():
        # With Dagster's own settings it would load what is another client's.
        raise dg.Failure(f"There is no {file}: delete the partition {partition}.", allow_retries=False)
    of_client = {name: value or "" for name, value in dotenv_values(file).items()}
    of_page = {"TAP_LINKEDIN_DMA_ORGANIZATIONS": json.dumps([organization])} if organization else {}
    return {**os.environ, **of_client, **of_page, "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema(partition)}


def schema(partition: str) -> str:
    return f"linkedin_{partition.replace(':', '_').replace('-', '_')}"


def load(context: dg.AssetExecutionContext, name: str, *selection: str) -> dg.MaterializeResult:
    """Run the tap and the target for one partition, with bookmarks of its own."""
    state_id = f"prod:tap-linkedin-dma-to-target-postgres:{context.partition_key}-{name}"
    # `meltano run` must not run twice at once in a project; `meltano el` has a folder for each state ID.
    command = ["meltano", "el", "--state-id", state_id, *selection, "tap-linkedin-dma", "target-postgres"]
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "run.json")
        settings = {**environment(context.partition_key), "TAP_LINKEDIN_DMA_RUN_REPORT": str(report)}
        with subprocess.Popen(command, cwd=PROJECT, env=settings, start_new_session=True) as process:
            try:
                code = process.wait()
            except BaseException:
                # The run was cancelled. Meltano does not pass a signal on to the tap, which writes its state then.
                os.killpg(process.pid, signal.SIGTERM)
                raise
        # There is none if Meltano did not start the tap.
        found: dict[str, Any] = json.loads(report.read_text()) if report.exists() else {}
    outcome, message = found.get("outcome", "ok"), found.get("message", "")
    if code and outcome == "ok":
        outcome, message = "failed", "Meltano or the target has failed: see the log."
    facts = {fact: found[fact] for fact in ("rows", "calls", "seconds", "until") if found.get(fact) is not None}
    if outcome == "daily_limit":
        until = found["until"].replace("Z", "+00:00")
        again = {"linkedin/again": until, "linkedin/asset": context.asset_key.to_user_string()}
        context.instance.add_run_tags(context.run_id, again)
    if code:
        # A token does not mend itself, and after a daily limit `after_a_daily_limit` runs it again.
        is_retried = outcome not in ("daily_limit", "token")
        raise dg.Failure(message, metadata={"outcome": outcome, **facts}, allow_retries=is_retried)
    return dg.MaterializeResult(metadata={"outcome": outcome, **facts})


@dg.asset(partitions_def=PARTITIONS, pool="linkedin_app", retry_policy=RETRIES)
def linkedin(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """All that meltano.yml selects, except follows."""
    return load(context, "daily", *(f"--exclude={stream}" for stream in FOLLOWS))


@dg.asset(partitions_def=PARTITIONS, pool="linkedin_app", retry_policy=RETRIES)
def follows(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Followers of the pages, and whom the pages follow."""
    return load(context, "follows", *(f"--select={stream}" for stream in (*FOLLOWS, *NAMED)))


TRANSFORM = DbtProject(PROJECT / "transform", profiles_dir=PROJECT / "transform")
TRANSFORM.prepare_if_dev()


class AfterTheLoad(DagsterDbtTranslator):
    """Models that stand on no other one stand on what was loaded."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        return spec if spec.deps else spec.replace_attributes(deps=[linkedin, follows])


@dbt_assets(manifest=TRANSFORM.manifest_path, project=TRANSFORM, dagster_dbt_translator=AfterTheLoad())
def marts(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """The dbt project of this repository, over the schemas of all partitions."""
    schemas = [schema(partition) for partition in context.instance.get_dynamic_partitions("linkedin")]
    variables = json.dumps({"linkedin_dma_schemas": schemas})
    yield from dbt.cli(["build", "--vars", variables], context=context).stream()


@dg.sensor(target=[linkedin, follows], minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def clients(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Check a client whose file is new or changed at once, any other once a day: a check takes about 70 calls."""
    checked = json.loads(context.cursor or "{}")
    now = time.time()
    files = {file.stem: max(file.stat().st_mtime, now - DAY.total_seconds()) for file in sorted(CLIENTS.glob("*.env"))}
    due = [client for client, since in files.items() if checked.get(client, 0) < since]
    if not due:
        return dg.SkipReason(f"Each client in {CLIENTS} was checked within a day.")
    client = due[0]
    command = ["meltano", "invoke", "tap-linkedin-dma:doctor", "--json"]
    doctor = subprocess.run(command, cwd=PROJECT, env=environment(client), stdout=subprocess.PIPE, text=True)
    findings = json.loads(doctor.stdout)["findings"]
    wrong = [f"{client}: {one['name']}: {one['says']}" for one in findings if one["verdict"] == "wrong"]
    pages = [one["organization"].rpartition(":")[2] for one in findings if one["part"] == "organization"]
    by_page = environment(client).get("LINKEDIN_BY_PAGE", "").lower() == "true"
    found = [f"{client}:{page}" for page in pages] if by_page else [client] if pages else []
    new = sorted({*found} - {*context.instance.get_dynamic_partitions("linkedin")})
    return dg.SensorResult(
        cursor=json.dumps({**checked, client: now}),
        dynamic_partitions_requests=[PARTITIONS.build_add_request(new)],
        run_requests=[
            dg.RunRequest(asset_selection=[asset.key], partition_key=partition)
            for partition in new
            for asset in (linkedin, follows)
        ],
        skip_reason=None if new else "; ".join(wrong) or f"{client} has no new page.",
    )


@dg.sensor(target=[linkedin, follows], minimum_interval_seconds=600, default_status=dg.DefaultSensorStatus.RUNNING)
def after_a_daily_limit(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest]:
    """Run again what LinkedIn's daily limit ended, as soon as it is reset, at 00:00 UTC."""
    now = datetime.now(timezone.utc)
    recent = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], created_after=now - 2 * DAY)
    for run in context.instance.get_runs(recent):
        if "linkedin/again" in run.tags and datetime.fromisoformat(run.tags["linkedin/again"]) <= now:
            asset = dg.AssetKey.from_user_string(run.tags["linkedin/asset"])
            # The run's ID as the key: it is run again once.
            yield dg.RunRequest(run.run_id, asset_selection=[asset], partition_key=run.tags["dagster/partition"])


def of_each_partition(name: str, asset: dg.AssetsDefinition, cron: str) -> dg.ScheduleDefinition:
    """A schedule, in UTC, with a run for each partition that there is then."""

    @dg.schedule(name=name, target=asset, cron_schedule=cron, default_status=dg.DefaultScheduleStatus.RUNNING)
    def runs(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        partitions = context.instance.get_dynamic_partitions("linkedin")
        return [dg.RunRequest(partition_key=partition) for partition in partitions]

    return runs


definitions = dg.Definitions(
    assets=[linkedin, follows, marts],
    resources={"dbt": DbtCliResource(project_dir=TRANSFORM)},
    sensors=[clients, after_a_daily_limit],
    schedules=[
        of_each_partition("daily", linkedin, "30 4 * * *"),
        of_each_partition("weekly", follows, "30 0 * * 0"),
        dg.ScheduleDefinition(
            "daily_marts", target=[marts], cron_schedule="0 8 * * *", default_status=dg.DefaultScheduleStatus.RUNNING
        ),
    ],
)
