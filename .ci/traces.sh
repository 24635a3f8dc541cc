#!/usr/bin/env bash
# Plays the lessons with the release build and holds their traces against those
# that the tests hold the debug build to: the same world on every build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo build --locked --release --no-default-features --bin wirestep
program=${CARGO_TARGET_DIR:-target}/release/wirestep
n=0
while read -r expected lesson mode; do
    file=$(grep --files-with-matches "id: \"$lesson\"" lessons/*.ron)
    trace=$("$program" play "$file" --mode "$mode" | sed --quiet 's/^trace //p')
    if [ "$trace" != "$expected" ]; then
        echo "$lesson by $mode: the release build plays $trace, the tests $expected" >&2
        exit 1
    fi
    n=$((n + 1))
done <tests/golden/traces.txt
echo "==== $n traces are equal in debug and release builds"
