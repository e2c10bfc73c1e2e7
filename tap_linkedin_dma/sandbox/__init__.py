"""A stand-in for LinkedIn's DMA API: ``python -m tap_linkedin_dma.sandbox``."""

from .sandbox import Sandbox
from .world import World

__all__ = ["Sandbox", "World"]
