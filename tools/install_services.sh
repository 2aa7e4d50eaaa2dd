#!/bin/sh
# Put the programs that some tests start onto a Debian machine, where that can be done.
#
# Slurm, PostgreSQL and Chromium are no Python packages: without them their tests are skipped.
# Nothing happens where they are here already, where we are not root, or without apt-get; a
# package that cannot be had is said and fails nothing.
set -eu

missing=
need() { # PROGRAM PACKAGE…
    program=$1
    shift
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null 2>&1 || missing="$missing $*"
}
need slurmctld slurmctld slurmd slurm-client munge
need chromium chromium
need shellcheck shellcheck
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Not here, so their tests are skipped:$missing" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
# shellcheck disable=SC2086 # one word per package
apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "Could not be installed, so their tests are skipped:$missing" >&2
