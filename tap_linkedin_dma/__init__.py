"""A Singer tap for LinkedIn's DMA Portability APIs."""
