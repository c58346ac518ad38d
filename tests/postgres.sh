#!/bin/sh
# Runs the command given as arguments against a throw-away PostgreSQL, named to it by TEST_DATABASE_URL.
# The server lives in a temporary folder, listens only on a socket in it, and is stopped and deleted in all cases.
set -u

newest() { # the highest version Debian's packages have put in place
    for candidate in /usr/lib/postgresql/*/bin; do
        [ -x "$candidate/initdb" ] && echo "$candidate"
    done | sort -V | tail -n 1
}

bin=$(newest)
if [ -z "$bin" ] && command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1; then
    bin=$(dirname "$(command -v initdb)")
fi
if [ -z "$bin" ]; then
    echo "PostgreSQL 15 or newer is needed for these tests: run tests/programs.sh, or install Debian's package postgresql." >&2
    exit 1
fi
if [ $# = 0 ]; then
    echo "Say which command to run, such as: sh tests/postgres.sh .venv/bin/python -m pytest" >&2
    exit 2
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX") || exit 1
case $folder in # a socket's path has room for about 100 characters
?????????????????????????????????????????????????????????????????????????????????*)
    rmdir "$folder"
    folder=$(mktemp -d /tmp/pg.XXXXXX) || exit 1
    ;;
esac

owner=
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    owner=nobody
    id postgres >/dev/null 2>&1 && owner=postgres
    chown "$owner" "$folder"
fi
as_owner() {
    # From a folder the owner may enter, or PostgreSQL complains about it.
    if [ -n "$owner" ]; then
        (cd / && setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups env HOME="$folder" "$@")
    else
        "$@"
    fi
}

stop() {
    status=$?
    trap - EXIT
    [ -f "$folder/data/postmaster.pid" ] && as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1
    rm -rf "$folder"
    exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

if ! as_owner "$bin/initdb" -D "$folder/data" -U tests -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/log" 2>&1 ||
    ! as_owner "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -t 60 \
        -o "-c listen_addresses='' -c unix_socket_directories='$folder' -c fsync=off -c max_connections=50" \
        start >>"$folder/log" 2>&1; then
    echo "PostgreSQL did not start; it said:" >&2
    cat "$folder/log" "$folder/server.log" >&2 2>/dev/null
    exit 1
fi

# After the host, which stays empty, the path holds the socket's folder and the name of the database.
export TEST_DATABASE_URL="postgres://tests@/$folder/postgres"
# In the background, so that a signal to this script alone is acted on at once; there Ctrl-C would be ignored otherwise.
if env --default-signal=INT true 2>/dev/null; then set -- env --default-signal=INT "$@"; fi
exec 3<&0
"$@" <&3 3<&- &
command=$!
trap 'kill -INT "$command" 2>/dev/null; wait "$command"; exit 130' INT
trap 'kill -TERM "$command" 2>/dev/null; wait "$command"; exit 143' TERM HUP
wait "$command"
