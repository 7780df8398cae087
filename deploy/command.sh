#!/bin/sh
# `tongxin` with the settings of this installation, as its account. Installed as PREFIX/bin/tongxin.
set -eu
prefix=$(dirname "$(dirname "$(readlink -f "$0")")")
# shellcheck disable=SC1091 - written by install.sh
. "$prefix/installation"

load() { # a file of NAME=value lines, as systemd reads it; not as a script, so that any password is taken as it is
    [ -r "$1" ] || return 0
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '' | '#'*) continue ;;
        [A-Z]*=*) ;;
        *) continue ;;
        esac
        value=${line#*=}
        case $value in
        \"*\") value=${value#\"} value=${value%\"} ;;
        \'*\') value=${value#\'} value=${value%\'} ;;
        esac
        export "${line%%=*}=$value"
    done < "$1"
}

load "$config/tongxin.env"
case ${1-} in
init | migrate | backup) load "$config/owner.env" ;; # work on the whole schema
esac
program=${TONGXIN_RELEASE:-$prefix/current}/.venv/bin/tongxin
if [ "$(id -u)" = 0 ] && [ "$account" != root ]; then
    exec runuser -u "$account" -- "$program" "$@"
fi
exec "$program" "$@"
