"""What Dagster's daemon does with the example, in one process of the environment that Dagster is installed in."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import dagster as dg
import definitions

LOADS = [definitions.linkedin, definitions.follows]


def check_clients(instance: dg.DagsterInstance) -> list[dg.RunRequest]:
    """Evaluate the sensor until no client is due: the runs that it asks for."""
    requests: list[dg.RunRequest] = []
    cursor = None
    while True:
        found = definitions.clients(dg.build_sensor_context(instance=instance, cursor=cursor))
        if isinstance(found, dg.SkipReason):
            return requests
        for added in found.dynamic_partitions_requests:
            instance.add_dynamic_partitions(added.partitions_def_name, [*added.partition_keys])
        requests += found.run_requests
        cursor = found.cursor


def load(request: dg.RunRequest) -> Mapping[str, Any]:
    """Make one run: what it says of itself."""
    key, selection = request.partition_key, request.asset_selection
    # One instance in memory is not for several threads.
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("linkedin", [key])
        ran = dg.materialize(LOADS, partition_key=key, instance=instance, selection=selection)
    (made,) = ran.get_asset_materialization_events()
    return {name: value.value for name, value in made.materialization.metadata.items()}


def meet_a_daily_limit(instance: dg.DagsterInstance, partition: str) -> Sequence[Any]:
    """Have a run end so: what is run again before the limit is reset, and after that."""
    ran = dg.materialize([definitions.linkedin], partition_key=partition, instance=instance, raise_on_error=False)
    tries = len(ran.filter_events(lambda event: event.event_type_value == "STEP_START"))
    before = [*definitions.after_a_daily_limit(dg.build_sensor_context(instance=instance))]
    instance.add_run_tags(ran.run_id, {"linkedin/again": datetime.now(timezone.utc).isoformat()})
    (after,) = definitions.after_a_daily_limit(dg.build_sensor_context(instance=instance))
    return [tries, before, after.partition_key, [key.to_user_string() for key in after.asset_selection]]


def main() -> None:
    """Print the partitions, and what came of the runs, as JSON."""
    with dg.DagsterInstance.ephemeral() as instance:
        requests = check_clients(instance)
        runs: list[Mapping[str, Any]] = []
        # Partitions at once, and one asset after the other, since both write into the tables of a partition.
        for asset in LOADS:
            with ThreadPoolExecutor(2) as threads:
                of_asset = [request for request in requests if request.asset_selection == [asset.key]]
                runs += threads.map(load, of_asset)
        marts, resources = definitions.marts, definitions.definitions.resources
        dg.materialize([marts, *LOADS], instance=instance, selection=[marts], resources=resources)
        partitions = instance.get_dynamic_partitions("linkedin")
        os.environ["PATH"] = os.pathsep.join([sys.argv[1], os.environ["PATH"]])
        limit = meet_a_daily_limit(instance, partitions[0])
        sys.stdout.write(json.dumps({"partitions": partitions, "runs": runs, "limit": limit}))


if __name__ == "__main__":
    main()
