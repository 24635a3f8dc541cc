#!/usr/bin/env bash
# Exports the lessons in every mode, and a session of a bad day, as captures, and lets tshark read
# them: checksums, streams, requests, frames, what was sent again. Lessons with incidents are left out:
# hosts that go wrong send requests that never end. Needs tshark 4 and Python 3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for program in tshark python3; do
    if ! command -v "$program" >/dev/null; then
        echo ".ci/tshark.sh: there is no $program: install it (apt-get install $program)" >&2
        exit 1
    fi
done
version=$(tshark --version 2>/dev/null | sed --quiet '1s/^TShark (Wireshark) \([0-9]*\).*/\1/p')
if [ "${version:-0}" -lt 4 ]; then
    echo ".ci/tshark.sh: tshark is of version ${version:-unknown}: 4 or newer is wanted" >&2
    exit 1
fi

cargo build --locked --release --no-default-features --bin wirestep
python3 .ci/tshark_judge.py "${CARGO_TARGET_DIR:-target}/release/wirestep" \
    $(grep -L 'incidents:' lessons/[0-9]*.ron) .ci/tshark_session.ron
