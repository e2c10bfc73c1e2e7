"""What could be picked instead of this tap, each told of LinkedIn's API as far as it can be."""

from bench.peers.airbyte_cdk import AIRBYTE_CDK
from bench.peers.dlt_rest_api import DLT, DLT_ITEMS
from bench.peers.tap_rest_api_msdk import TAP_REST_API_MSDK

PEERS = (DLT, DLT_ITEMS, AIRBYTE_CDK, TAP_REST_API_MSDK)
