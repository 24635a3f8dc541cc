#!/usr/bin/env bash
# Every check that a change must pass, in the order in which they fail fastest.
# People and CI run this same script; it works from any folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

section() {
    printf '\n==== %s\n' "$1"
}

run() {
    printf '+ %s\n' "$*"
    "$@"
}

section "Formatting"
run cargo fmt --all --check

section "README names the test command"
# The line stands alone in a code block, so that a reader can copy what is run here.
if ! grep -qxE '[[:space:]]*cargo test' README.md; then
    echo "README.md has no line 'cargo test' of its own: say there how to run the tests, or change the command here too." >&2
    exit 1
fi
echo "it does: cargo test"

section "Lints, without the window"
run cargo clippy --locked --no-default-features --all-targets -- -D warnings

section "Lints, with the window"
run cargo clippy --locked --all-targets -- -D warnings

section "Tests, without the window"
run cargo test --locked --no-default-features

section "Tests"
run cargo test --locked

section "Documentation"
RUSTDOCFLAGS="-D warnings" run cargo doc --locked --no-deps

section "All checks passed"
