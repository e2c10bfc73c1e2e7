"""`python -m tap_linkedin_dma` is the console script `tap-linkedin-dma`."""

from tap_linkedin_dma.tap import TapLinkedInDMA

if __name__ == "__main__":
    TapLinkedInDMA.cli()
