#!/bin/sh
# All suites: first what runs inside one process, two files at a time, with the coverage that the cores promise; then what
# runs whole systems, one file at a time, so that processes of two suites never compete. Arguments go to Jest.
set -u
export NODE_OPTIONS="--experimental-vm-modules --disable-warning=ExperimentalWarning"
SUITES=unit jest "$@"
unit=$?
# cassandra-driver leaves a timer behind for a node that was down: without --forceExit Jest would wait for ever.
SUITES=system jest --runInBand --forceExit "$@"
system=$?
if [ "$unit" -ne 0 ] || [ "$system" -ne 0 ]; then
  echo "npm test: FAILED (in one process: exit $unit; whole systems: exit $system)" >&2
  exit 1
fi
