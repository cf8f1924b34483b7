#!/usr/bin/env bash
# Install the Debian packages named as arguments that are not there yet. Quiet when nothing is missing.
set -u
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "make deps: no apt here. Install what these Debian packages hold, then run make: $*" >&2
    exit 0
fi
missing=()
for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
sudo=
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "make deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq || echo "make deps: the package lists could not be refreshed; going on with those there are" >&2
log=$(mktemp)
if ! $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "make deps: apt-get install failed; see above" >&2
    exit 1
fi
rm -f "$log"
