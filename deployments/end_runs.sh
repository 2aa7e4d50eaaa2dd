#!/bin/sh
# End what a Prefect worker runs in good order, then the worker: end_runs.sh PID-OF-THE-WORKER
#
# A process worker that gets SIGTERM or Ctrl-C kills its flow runs outright: no summary, runners
# left alone, a run that is 'Running' for ever. SIGTERM to the runs themselves ends them well:
# runners stopped, summary and log written, the run 'Crashed', its place free for the next.
set -eu

worker=${1:?the worker\'s process id}
limit_s=${2:-90}

living_runs() {
    ps -o pid=,stat= --ppid "$worker" | awk '$2 !~ /^Z/ { print $1 }'
}

# Meanwhile the worker stands still: it must not take up the run that waits for the place.
kill -STOP "$worker"
for run in $(living_runs); do
    kill -TERM "$run" 2>/dev/null || true
done
while [ "$limit_s" -gt 0 ] && [ -n "$(living_runs)" ]; do
    sleep 1
    limit_s=$((limit_s - 1))
done
kill -TERM "$worker"
kill -CONT "$worker"
