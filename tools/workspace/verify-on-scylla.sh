#!/bin/sh
# The suites of what talks to a cluster, on a real ScyllaDB: the one that CHRONICLE_SCYLLA names (host:port[,host:port...]; keyspaces
# of their own, removed afterwards), else one in Docker. Arguments go to Jest. What writes into the change log by hand, or makes log
# generations, as only the Cassandra dialect can, is skipped by name. Left out: libs/cql (the log that we write), the log written by
# hand in libs/change-feed/scylla-cdc, and tools/chaos, which kills servers that it has started itself, from jars.
set -u
if [ -n "${CHRONICLE_CASSANDRA:-}" ]; then
  echo "verify-on-scylla: CHRONICLE_CASSANDRA is set; unset it, or the suites would run on that" >&2
  exit 64
fi
if [ -z "${CHRONICLE_SCYLLA:-}" ] && ! docker info >/dev/null 2>&1; then
  echo "verify-on-scylla: found no ScyllaDB; set CHRONICLE_SCYLLA=host:port, or start Docker for the image that tools/servers names" >&2
  exit 69
fi
# Never a Cassandra started from jars instead, and never a suite that is skipped because there is no server.
export JAVA_HOME=/nowhere CI=true
export NODE_OPTIONS="--experimental-vm-modules --disable-warning=ExperimentalWarning"
SUITES=system exec jest --runInBand --projects libs/event-sourcing/cql libs/change-feed/cql libs/projection/cql tools/e2e \
  --testPathPatterns 'libs/event-sourcing/cql/' 'libs/change-feed/cql/' 'libs/projection/cql/' 'e2e\.cluster\.spec' "$@"
