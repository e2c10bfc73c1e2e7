"""The version of LinkedIn's API that the tap asks for."""

NEWEST_VERSION = "202605"
"""The newest version of the DMA APIs that this release was checked with."""
