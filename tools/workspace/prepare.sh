#!/bin/sh
# Makes the work tree ready to run: installs when the lock file is newer than the installation, builds when a source is
# newer than the last build. Costs a few milliseconds when there is nothing to do.
#   --install-only   do not build
#   --quiet          print nothing, unless a step fails (then its output goes to standard error)
set -eu
cd "$(dirname "$0")/../.."
# npm may run on an older Node: what runs here is the one that the lock file pins.
PATH="$PWD/node_modules/.bin:$PATH"
export PATH

install_only=no quiet=no
for option in "$@"; do
  case "$option" in
    --install-only) install_only=yes ;;
    --quiet) quiet=yes ;;
    *) echo "prepare.sh: unknown option $option (known: --install-only, --quiet)" >&2; exit 2 ;;
  esac
done

run() {
  if [ "$quiet" = no ]; then "$@"; return; fi
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then rm -f "$log"; return; fi
  cat "$log" >&2
  rm -f "$log"
  return 1
}

is_installed() {
  [ -f node_modules/.package-lock.json ] && [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]
}

stamp=.nx/built
is_built() {
  [ -f "$stamp" ] || return 1
  for manifest in apps/*/package.json libs/*/package.json libs/*/*/package.json tools/*/package.json; do
    [ -d "$(dirname "$manifest")/dist" ] || return 1
  done
  # Folders are compared too: a deleted file changes the time of the folder it was in.
  [ -z "$(find apps libs tools package-lock.json tsconfig.base.json nx.json \
    \( -name node_modules -o -name dist -o -name out-tsc -o -name coverage \) -prune -o \
    \( -path '*/src' -o -path '*/src/*' -o -name package.json -o -name 'tsconfig*.json' -o -name package-lock.json -o -name nx.json \) \
    -newer "$stamp" -print | head -n 1)" ]
}

if ! is_installed; then run npm ci; fi
if [ "$install_only" = yes ] || is_built; then exit 0; fi
mkdir -p .nx
# The time of the stamp is that of the start, so that a change made during the build is seen by the next one.
touch "$stamp.new"
[ "$quiet" = yes ] || echo 'building what changed (about half a minute the first time)'
# One compiler for the whole graph: the same files as `nx run-many -t build`, in a quarter of its CPU time.
run tsc -b apps/*/tsconfig.lib.json libs/*/tsconfig.lib.json libs/*/*/tsconfig.lib.json tools/*/tsconfig.lib.json
mv "$stamp.new" "$stamp"
