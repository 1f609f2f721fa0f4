#!/usr/bin/env bash
# The services, foreign readers and shells that some tests need, in a cache folder outside git; the shells as Debian packages.
#   scripts/services.sh install [s3|readers|shells]  installs what is missing (all without argument); quick when all is there
#   scripts/services.sh check [s3|readers|shells]    exit 0 when all is there
#   scripts/services.sh s3 [folder]                  starts an S3 server on a free loopback port in the foreground; prints its URL
#   scripts/services.sh python|jars|versitygw        prints the path of the reader's Python, the Spark jars, the S3 server
# Cache: $SHOPLAKE_TEST_CACHE, default ~/.cache/shoplake-test. Keys of the S3 server: testkey / testsecret (AWS_* override).
set -euo pipefail

cache=${SHOPLAKE_TEST_CACHE:-$HOME/.cache/shoplake-test}
gateway=v1.8.0
python_packages="deltalake==1.6.6 polars==2.1.0 pyspark==4.2.0 pyarrow==26.0.1 statsmodels==0.15.0"
delta_spark=4.4.0

versitygw=$cache/bin/versitygw
venv=$cache/venv
jars=$cache/jars

has_s3() { [ -x "$versitygw" ] && [ "$(cat "$cache/versitygw.version" 2>/dev/null)" = "$gateway" ]; }
has_readers() { [ -x "$venv/bin/python" ] && [ "$(cat "$cache/readers.version" 2>/dev/null)" = "$python_packages $delta_spark" ]; }
has_shells() { command -v zsh >/dev/null && command -v fish >/dev/null; }
say() { printf '%s\n' "$*" >&2; }
need() { command -v "$1" >/dev/null || { say "services.sh: '$1' is not on the PATH; it is needed for $2"; exit 1; }; }

install_s3() {
  if has_s3; then return; fi
  need go "the S3 test server (versitygw)"
  say "installing versitygw $gateway into $cache/bin (about 4 CPU minutes)"
  GOBIN=$cache/bin GOFLAGS=-p=2 go install "github.com/versity/versitygw/cmd/versitygw@$gateway"
  echo "$gateway" >"$cache/versitygw.version"
}

install_readers() {
  if has_readers; then return; fi
  need python3 "the foreign readers (delta-rs, polars) and the reference of the forecasts (statsmodels)"
  need java "the foreign reader Spark (Java 17)"
  need mvn "the Delta library of Spark"
  say "installing $python_packages and delta-spark $delta_spark into $cache"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  # shellcheck disable=SC2086
  "$venv/bin/pip" install --quiet --disable-pip-version-check $python_packages
  mkdir -p "$cache/maven" "$jars"
  cat >"$cache/maven/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>shoplake</groupId><artifactId>readers</artifactId><version>1</version><dependencies><dependency>
<groupId>io.delta</groupId><artifactId>delta-spark_2.13</artifactId><version>$delta_spark</version>
</dependency></dependencies></project>
POM
  (cd "$cache/maven" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars" </dev/null)
  echo "$python_packages $delta_spark" >"$cache/readers.version"
}

install_shells() {
  if has_shells; then return; fi
  need apt-get "the shells zsh and fish (completion is tested in them); elsewhere install them by hand"
  say "installing zsh and fish"
  local as_root=env
  if [ "$(id -u)" != 0 ]; then as_root="sudo env"; fi
  $as_root apt-get update -qq
  $as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends zsh fish >/dev/null
}

wanted() { [ "$what" = all ] || [ "$what" = "$1" ]; }
known() { case $what in all|s3|readers|shells) ;; *) usage ;; esac; }
usage() { sed -n '2,7p' "$0" | sed 's/^# \{0,3\}//' >&2; exit 1; }

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

start_s3() {
  has_s3 || { say "services.sh: no S3 server yet; run: scripts/services.sh install s3"; exit 1; }
  local folder=${1:-$(mktemp -d)} port
  folder=$(mkdir -p "$folder" && cd "$folder" && pwd)
  mkdir -p "$folder/data" "$folder/versions"
  port=$(free_port)
  echo "http://127.0.0.1:$port"
  ROOT_ACCESS_KEY=${AWS_ACCESS_KEY_ID:-testkey} ROOT_SECRET_KEY=${AWS_SECRET_ACCESS_KEY:-testsecret} \
    exec "$versitygw" --port "127.0.0.1:$port" --region us-east-1 posix --versioning-dir "$folder/versions" "$folder/data" >"$folder/log" 2>&1
}

command=${1:-help}
what=${2:-all}
case $command in
  install)
    known
    mkdir -p "$cache"
    if wanted shells; then install_shells; fi
    if wanted s3; then install_s3; fi
    if wanted readers; then install_readers; fi
    ;;
  check)
    known
    if wanted shells; then has_shells || exit 1; fi
    if wanted s3; then has_s3 || exit 1; fi
    if wanted readers; then has_readers || exit 1; fi
    ;;
  s3) start_s3 "${2:-}" ;;
  python) echo "$venv/bin/python" ;;
  jars) echo "$jars" ;;
  versitygw) echo "$versitygw" ;;
  *) usage ;;
esac
