# One image for web, workers and the residents' pages. Build it in a checkout, or in an unpacked bundle: then the wheels
# lie there and no index is asked.
FROM python:3.11-slim-bookworm AS made
COPY . /app
RUN if [ -d /app/wheels ]; then wheels=/app/wheels; fi \
    && sh /app/deploy/environment.sh /app python3 ${wheels-} \
    && rm -rf /app/wheels

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /data --no-create-home tongxin \
    && install -d -o tongxin -g tongxin -m 2770 /data /data/files
COPY --from=made /app /app
ENV TONGXIN_HOME=/data HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
USER tongxin
WORKDIR /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=6s --start-period=30s \
    CMD ["python3", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=5)"]
ENTRYPOINT ["/app/.venv/bin/tongxin"]
CMD ["serve"]
