"""A stand-in for LinkedIn's DMA Portability APIs: ``linkedin-sandbox``."""

from .sandbox import Sandbox
from .world import World

__all__ = ["Sandbox", "World"]
