"""`python -m tap_linkedin_dma` is the console script `tap-linkedin-dma`."""

from tap_linkedin_dma.commands import main

if __name__ == "__main__":
    main()
