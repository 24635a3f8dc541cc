#!/usr/bin/env bash
# Opens the real window on a display nobody looks at, presses a key, closes it;
# then runs the program where there is no display at all.
# `.ci/smoke.sh [PROGRAM]`; without PROGRAM the debug build is made and used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly APPEARS_WITHIN_S=30
readonly STAYS_UP_S=5
readonly CLOSES_WITHIN_S=10

fail() {
    printf 'smoke test failed: %s\n' "$1" >&2
    if [ -s "${stderr_file:-}" ]; then
        printf -- '---- what the program wrote to stderr:\n' >&2
        cat "$stderr_file" >&2
    fi
    exit 1
}

# Waits until the program has ended, or the given seconds are over.
wait_for_end() {
    local deadline=$((SECONDS + $1))
    while kill -0 "$program_pid" 2>/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

fail_if_ended() {
    kill -0 "$program_pid" 2>/dev/null && return
    local code=0
    wait "$program_pid" || code=$?
    program_pid=
    fail "$1 (exit code $code)"
}

# Starts a display nobody looks at, on a free number, and sets DISPLAY to it.
start_display() {
    local number_file=$temp_home/display deadline=$((SECONDS + APPEARS_WITHIN_S))
    Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp \
        3>"$number_file" >"$temp_home/xvfb.log" 2>&1 </dev/null &
    xvfb_pid=$!
    until [ -s "$number_file" ]; do
        if ! kill -0 "$xvfb_pid" 2>/dev/null || [ "$SECONDS" -ge "$deadline" ]; then
            stderr_file=$temp_home/xvfb.log
            fail "Xvfb did not start"
        fi
        sleep 0.1
    done
    DISPLAY=:$(cat "$number_file")
    export DISPLAY
}

stop_what_was_started() {
    [ -z "${program_pid:-}" ] || kill -KILL "$program_pid" 2>/dev/null || true
    [ -z "${xvfb_pid:-}" ] || kill "$xvfb_pid" 2>/dev/null || true
    wait
    rm -rf "$temp_home"
}

with_display() {
    local program=$1 window='' deadline=$((SECONDS + APPEARS_WITHIN_S))

    # Wayland would be tried first; the display made here is an X11 one.
    # Software GL, so that every machine draws the same way.
    env -u WAYLAND_DISPLAY -u WAYLAND_SOCKET LIBGL_ALWAYS_SOFTWARE=1 \
        "$program" </dev/null 2>"$stderr_file" &
    program_pid=$!

    while [ -z "$window" ]; do
        fail_if_ended "the program ended before its window showed"
        [ "$SECONDS" -lt "$deadline" ] || fail "no window named wirestep within $APPEARS_WITHIN_S s"
        sleep 0.2
        window=$(xdotool search --onlyvisible --name wirestep 2>/dev/null | head -n 1 || true)
    done
    echo "the window shows: $(xdotool getwindowname "$window")"

    # Without the focus the key would be dropped silently.
    timeout 10 xdotool windowfocus --sync "$window" || fail "the window did not take the focus"
    xdotool key --clearmodifiers space
    sleep "$STAYS_UP_S"
    fail_if_ended "the program ended after a Space key"
    echo "it stays up for $STAYS_UP_S s after a Space key"

    python3 .ci/close_window.py "$window" || fail "the window could not be asked to close"
    wait_for_end "$CLOSES_WITHIN_S" || fail "the window did not close within $CLOSES_WITHIN_S s of being asked to"
    local code=0
    wait "$program_pid" || code=$?
    program_pid=
    [ "$code" -eq 0 ] || fail "closing the window gave exit code $code, not 0"
    if grep -q 'panicked at' "$stderr_file"; then
        fail "the program panicked"
    fi
    echo "it closes when asked, with exit code 0"
}

without_display() {
    local program=$1 code=0 n_lines
    env -u DISPLAY -u WAYLAND_DISPLAY -u WAYLAND_SOCKET \
        timeout 30 "$program" </dev/null >"$temp_home/stdout" 2>"$stderr_file" || code=$?
    [ "$code" -eq 2 ] || fail "without a display the exit code is $code, not 2"
    n_lines=$(grep -c . "$stderr_file" || true)
    [ "$n_lines" -eq 1 ] || fail "without a display stderr has $n_lines lines, not one clear line"
    grep -qi 'display' "$stderr_file" || fail "without a display stderr does not say that a display is missing"
    echo "without a display it exits with 2 and says: $(cat "$stderr_file")"
}

program=${1:-}
if [ -z "$program" ]; then
    printf '\n==== Smoke test: building the program\n'
    cargo build --locked --bin wirestep
    program=${CARGO_TARGET_DIR:-target}/debug/wirestep
fi
[ -x "$program" ] || fail "there is no program at $program"
program=$(realpath "$program")

# A home of its own: settings of whoever runs this neither help nor get harmed.
temp_home=$(mktemp -d)
trap stop_what_was_started EXIT
export HOME=$temp_home
export XDG_CONFIG_HOME=$temp_home/config XDG_DATA_HOME=$temp_home/data
export XDG_CACHE_HOME=$temp_home/cache XDG_STATE_HOME=$temp_home/state
export XDG_RUNTIME_DIR=$temp_home/runtime
mkdir -m 700 "$XDG_RUNTIME_DIR"
stderr_file=$temp_home/stderr

printf '\n==== Smoke test: the window\n'
start_display
with_display "$program"

printf '\n==== Smoke test: no display\n'
without_display "$program"

printf '\n==== Smoke test passed\n'
