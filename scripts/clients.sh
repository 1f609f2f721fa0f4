#!/usr/bin/env bash
# Published ClickHouse clients of other languages for test/engine/clients, in a cache folder outside git.
#   scripts/clients.sh install [python|go|java]   installs what is missing (all without argument); quick when all is there
#   scripts/clients.sh run python|go|java <host> <port> <token>   runs that client's program
# Cache: $SHOPLAKE_TEST_CACHE, default ~/.cache/shoplake-test. Exit code 3: a tool it needs is not on the PATH.
set -euo pipefail

here=$(cd "$(dirname "$0")/../test/engine/clients" && pwd)
cache=${SHOPLAKE_TEST_CACHE:-$HOME/.cache/shoplake-test}/clients

say() { printf '%s\n' "$*" >&2; }
need() { command -v "$1" >/dev/null || { say "clients.sh: '$1' is not on the PATH; it is needed for the $2 client"; exit 3; }; }
# Everything a client is built from; it is rebuilt when that changes.
version() { find "$here/$1" -type f | LC_ALL=C sort | xargs cat | cksum; }
is_current() { [ "$(cat "$cache/$1.version" 2>/dev/null)" = "$(version "$1")" ]; }

install_python() {
  need python3 Python
  [ -x "$cache/python/bin/python" ] || python3 -m venv "$cache/python"
  "$cache/python/bin/pip" install --quiet --disable-pip-version-check -r "$here/python/requirements.txt"
}

install_go() {
  need go Go
  (cd "$here/go" && GOFLAGS="-p=2 -mod=readonly" go build -o "$cache/go/suite" .)
}

install_java() {
  need java Java
  need mvn Java
  mkdir -p "$cache/java"
  cp -R "$here/java/." "$cache/java/"
  (cd "$cache/java" && mvn -q -B compile dependency:copy-dependencies -DincludeScope=runtime </dev/null)
}

install() {
  is_current "$1" && return
  mkdir -p "$cache"
  say "installing the $1 client into $cache"
  "install_$1"
  version "$1" >"$cache/$1.version"
}

run() {
  local language=$1
  shift
  case $language in
    python) "$cache/python/bin/python" "$here/python/suite.py" "$@" ;;
    go) "$cache/go/suite" "$@" ;;
    java) java -cp "$cache/java/target/classes:$cache/java/target/dependency/*" Suite "$@" ;;
  esac
}

case ${1:-} in
  install) for language in ${2:-python go java}; do install "$language"; done ;;
  run) shift && run "$@" ;;
  *) say "usage: scripts/clients.sh install [python|go|java] | run <language> <host> <port> <token>"; exit 2 ;;
esac
