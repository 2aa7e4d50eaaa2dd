#!/bin/sh
# End what a Prefect worker runs in good order, then the worker: end_runs.sh PID-OF-THE-WORKER
#
# A process worker that gets SIGTERM or Ctrl-C kills its flow runs outright: no summary, runners
# left alone, a run that is 'Running' for ever. SIGTERM to the runs themselves ends them well:
# runners stopped, summary and log written, the run 'Crashed', its place free for the next.
set -eu

worker=${1:?the worker\'s process id}
limit_s=${2:-90}

runs=$(pgrep -P "$worker" || true)
# shellcheck disable=SC2086 # one word per run
[ -z "$runs" ] || kill -TERM $runs 2>/dev/null || true
while [ "$limit_s" -gt 0 ] && pgrep -P "$worker" >/dev/null; do
    sleep 1
    limit_s=$((limit_s - 1))
done
kill -TERM "$worker" 2>/dev/null || true
