"""A stand-in for LinkedIn's DMA API: ``python -m linkedin_sandbox``."""

from .sandbox import Sandbox
from .world import World

__all__ = ["Sandbox", "World"]
