# One image for both sizes (docs/deploy.md): by itself it is small production, all of it in one container; with
# PostgreSQL and Redis, docker-compose.yml says which part runs where.
# Debian 13: its PostgreSQL tools are those of the server in docker-compose.yml, as backups need.
FROM python:3.11-slim-trixie

# A container listens on every address that it has; which of them is published is said outside.
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0
RUN useradd --system --uid 10001 --create-home retour
WORKDIR /app

RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*

COPY requirements/runtime.txt requirements/runtime.txt
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/runtime.txt

COPY . .
# Neither step needs an installation's settings; the values here are for the build alone and stay in no layer.
RUN if [ -d locale ]; then pybabel compile -D django -d locale; fi \
    && SECRET_KEY=only-for-the-build-0123456789-0123456789 \
       DATABASE_URL=postgres://build BROKER_URL=redis://build CACHE_URL=locmemcache:// EMAIL_URL=dummymail: \
       SITE_URL=https://build.invalid ALLOWED_HOSTS=build.invalid \
       python manage.py collectstatic --noinput \
    && mkdir -p var && chown retour:retour var

USER retour
EXPOSE 8000
HEALTHCHECK NONE
CMD ["python", "manage.py", "serve"]
