#!/usr/bin/env bash
# Lets the Autobahn|Testsuite judge the protocol core, as server and as client;
# docs/REFEREES.md says what that means.
# `.ci/autobahn.sh [fast|full]`: fast, the default, leaves out section 9 and all
# but the first case of each group of sections 12 and 13; full runs every case,
# and writes docs/autobahn.json where UPDATE=1 is set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly STARTS_WITHIN_S=30
readonly STOPS_WITHIN_S=30
readonly PINNED_TOOLS=('pip==20.3.4' 'setuptools==44.0.0' 'wheel==0.36.2')
# Newer ones want a newer Python.
readonly PINNED_LIBRARIES=(
    'incremental==16.10.1' 'cryptography==3.3.2' 'pyOpenSSL==19.1.0' 'service_identity==18.1.0'
)
readonly PINNED_VIRTUALENV='virtualenv==20.15.1'
readonly PINNED_TWISTED='Twisted==19.10.0'
readonly PINNED_SUITE='autobahntestsuite==25.10.1'

fail() {
    printf 'Autobahn failed: %s\n' "$1" >&2
    if [ -s "${2:-}" ]; then
        printf -- '---- the end of %s:\n' "$2" >&2
        tail -n 20 "$2" >&2
    fi
    exit 1
}

# Prints a CPython 2.7 that runs; pyenv's shim of that name may not.
find_python27() {
    local pyenv=${PYENV_ROOT:-$HOME/.pyenv} candidate
    for candidate in "$pyenv"/versions/2.7.*/bin/python2.7 "$(command -v python2.7 || true)"; do
        if [ -x "$candidate" ] && "$candidate" -c '' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "no CPython 2.7 is here, and the suite runs on nothing newer: 'pyenv install 2.7.18' brings it"
}

# Makes the suite's virtualenv, unless the last run left one of this recipe.
install_suite() {
    local python27=$1 boot=$home/boot stamp=$venv/recipe recipe
    recipe="$python27 $PINNED_VIRTUALENV ${PINNED_TOOLS[*]} ${PINNED_LIBRARIES[*]} $PINNED_TWISTED $PINNED_SUITE"
    if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$recipe" ]; then
        return
    fi
    printf '\n==== Autobahn: installing %s\n' "$PINNED_SUITE"
    rm -rf "$venv" "$boot"
    if ! {
        "$python27" -m pip install --target "$boot" "$PINNED_VIRTUALENV" &&
            PYTHONPATH=$boot "$python27" -m virtualenv --no-download \
                --pip bundle --setuptools bundle --wheel bundle "$venv" &&
            "$venv/bin/pip" install "${PINNED_TOOLS[@]}" &&
            "$venv/bin/pip" install "${PINNED_LIBRARIES[@]}" &&
            "$venv/bin/pip" install --no-build-isolation "$PINNED_TWISTED" &&
            "$venv/bin/pip" install --no-build-isolation "$PINNED_SUITE"
    } >"$logs/install.log" 2>&1 </dev/null; then
        fail "the suite could not be installed" "$logs/install.log"
    fi
    rm -rf "$boot"
    echo "$recipe" >"$stamp"
}

# Starts a program in the background with its output in a log; its id is in `pid`.
# `timeout` ends it if nobody else does, and hands on the signals that it gets.
start() {
    local log=$1
    shift
    : >"$log"
    timeout --kill-after=5 "$LIMIT_S" "$@" >"$log" 2>&1 </dev/null &
    pid=$!
}

stop_what_was_started() {
    local id
    for id in $(jobs -pr); do
        kill "$id" 2>/dev/null || true
    done
    wait
}

# Waits until the program `pid` has ended, and takes its exit code for its own.
finish() {
    local code=0
    wait "$pid" || code=$?
    return "$code"
}

# Waits for a program to say where it listens, and sets `port`.
wait_for_port() {
    local log=$1 deadline=$((SECONDS + STARTS_WITHIN_S))
    until port=$(sed -n 's/^listening on 127\.0\.0\.1:\([0-9]*\)$/\1/p' "$log") && [ -n "$port" ]; do
        kill -0 "$pid" 2>/dev/null || fail "it ended before it listened" "$log"
        [ "$SECONDS" -lt "$deadline" ] || fail "it did not listen within $STARTS_WITHIN_S s" "$log"
        sleep 0.1
    done
}

judge_server() {
    printf '\n==== Autobahn: the example as server\n'
    start "$logs/server.log" "$example" server --port 0
    wait_for_port "$logs/server.log"
    cat >"$home/fuzzingclient.json" <<SPEC
{"outdir": "$reports/server",
 "servers": [{"agent": "wirestep", "url": "ws://127.0.0.1:$port", "options": {"version": 18}}],
 "cases": $CASES, "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
    start "$logs/fuzzingclient.log" "$venv/bin/wstest" -m fuzzingclient -s "$home/fuzzingclient.json"
    finish || fail "the fuzzing client ended with an error, or not within $LIMIT_S s" "$logs/fuzzingclient.log"
    if [ "$(wc -l <"$logs/server.log")" -ne 1 ]; then
        fail "the server complained" "$logs/server.log"
    fi
}

judge_client() {
    printf '\n==== Autobahn: the example as client\n'
    # The wrapper puts the port that it gets in the place of the one named here.
    cat >"$home/fuzzingserver.json" <<SPEC
{"outdir": "$reports/client", "url": "ws://127.0.0.1:9001",
 "cases": $CASES, "exclude-cases": [], "exclude-agent-cases": {}}
SPEC
    start "$logs/fuzzingserver.log" "$venv/bin/python" .ci/autobahn_fuzzingserver.py "$home/fuzzingserver.json"
    wait_for_port "$logs/fuzzingserver.log"
    local fuzzer_pid=$pid deadline
    start "$logs/client.log" "$example" client --url "ws://127.0.0.1:$port" --agent wirestep
    finish || fail "the client ended with an error, or not within $LIMIT_S s" "$logs/client.log"
    deadline=$((SECONDS + STOPS_WITHIN_S))
    while kill -0 "$fuzzer_pid" 2>/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] || fail "the fuzzing server did not end after its report" "$logs/fuzzingserver.log"
        sleep 0.1
    done
}

# The suite matches a pattern against the beginning of a name, so that 12.*.1
# would take in 12.1.10: the first cases of the groups are spelt out.
FAST='"1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*"'
for group in 12.{1..5} 13.{1..7}; do
    FAST+=", \"$group.1\""
done
scope=${1:-fast}
# The fast cases take the build that the tests leave behind; the large messages
# of the others are worth one that is optimised.
case $scope in
    fast) CASES="[$FAST]" LIMIT_S=300 BUILD=(--profile dev) FOLDER=debug ;;
    full) CASES='["*"]' LIMIT_S=7200 BUILD=(--profile release) FOLDER=release ;;
    *) fail "want fast or full, not $scope" ;;
esac
readonly CASES LIMIT_S BUILD FOLDER

home=$(realpath -m "${CARGO_TARGET_DIR:-target}")/autobahn
venv=$home/venv
logs=$home/logs
reports=$home/reports
# An old report must not be judged in the place of one that was not written.
rm -rf "$reports"
mkdir -p "$logs" "$reports"

python27=$(find_python27)
trap stop_what_was_started EXIT
trap 'exit 130' INT TERM HUP
install_suite "$python27"
printf '\n==== Autobahn: building the example\n'
cargo build --locked --no-default-features "${BUILD[@]}" --example autobahn
example=$(realpath "${CARGO_TARGET_DIR:-target}/$FOLDER/examples/autobahn")
export PYTHONUNBUFFERED=1
judge_server
judge_client

printf '\n==== Autobahn: the verdict\n'
judge=(python3 .ci/autobahn_judge.py "$reports" --scope "$scope")
[ -z "${UPDATE:-}" ] || judge+=(--write docs/autobahn.json)
"${judge[@]}"
