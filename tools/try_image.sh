#!/usr/bin/env bash
# Starts an image as docs/deploy.md says for small production, with little memory, and waits until all of it is well:
#   bash tools/try_image.sh retour
set -euo pipefail
image=$1
container=$(docker run --detach --init --memory 512m --read-only --tmpfs /tmp --cap-drop ALL \
    --security-opt no-new-privileges --volume /app/var \
    --env SITE_URL=http://localhost:8000 --env EMAIL_URL=dummymail: "$image")
trap 'docker logs "$container"; docker rm --force --volumes "$container" >/dev/null' EXIT
ask='import urllib.request as r; print(r.urlopen("http://localhost:8000/health/ready").read().decode())'
for _attempt in $(seq 60); do
    if docker exec "$container" python -c "$ask"; then
        exit 0
    fi
    sleep 2
done
echo "It is not well after two minutes." >&2
exit 1
