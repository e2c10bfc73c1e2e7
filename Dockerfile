# Meltano with the tap and target-postgres: `docker compose run --rm meltano` is `meltano run tap-linkedin-dma target-postgres`.
FROM python:3.13-slim

RUN pip install --no-cache-dir "meltano>=4.4,<5" \
    && useradd --create-home --uid 10001 meltano \
    && install --directory --owner=meltano /project /state

USER 10001
WORKDIR /project

# The build has no git repository to derive the version from.
ARG VERSION=0.0.0
# The path of a token file is no secret.
# hadolint ignore=DL3064
ENV SETUPTOOLS_SCM_PRETEND_VERSION=$VERSION \
    MELTANO_SEND_ANONYMOUS_USAGE_STATS=false \
    # Bookmarks outlive the container there, and so does a token_file beside them.
    MELTANO_DATABASE_URI=sqlite:////state/meltano.db \
    TAP_LINKEDIN_DMA_TOKEN_FILE=/state/token.json

COPY --chown=meltano pyproject.toml README.md LICENSE meltano.yml ./
COPY --chown=meltano plugins plugins
COPY --chown=meltano tap_linkedin_dma tap_linkedin_dma
RUN meltano install tap-linkedin-dma target-postgres

VOLUME /state
ENTRYPOINT ["meltano"]
CMD ["run", "tap-linkedin-dma", "target-postgres"]
