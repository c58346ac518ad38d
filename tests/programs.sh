#!/bin/sh
# Makes sure that the programs the tests drive are there: Chromium, nginx, wrk and PostgreSQL.
# Installs Debian's packages when run as root; otherwise says what to install.
set -eu
missing=
found=
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then found=yes; fi
done
[ -n "$found" ] || missing="chromium"
PATH="$PATH:/usr/sbin"
for name in nginx wrk; do
    command -v $name >/dev/null 2>&1 || missing="$missing $name"
done
if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ! command -v initdb >/dev/null 2>&1; then missing="$missing postgresql"; fi
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the tests drive:$missing …"
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p /etc/postgresql-common # no cluster of its own: the tests start their own server
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    # shellcheck disable=SC2086 # several names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
    exit 0
fi
echo "The tests need:$missing. Install it (Debian: apt install$missing), or for Chromium set CHROMIUM to its program." >&2
exit 1
