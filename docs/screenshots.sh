#!/usr/bin/env bash
# Draws the pictures of README.md into docs/images, on any machine: no display and no graphics
# card are needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT
WIRESTEP_SHOTS=$shots cargo test --locked --test ui pictures_of_the_manual

mkdir -p docs/images
for name in the-full-picture edit polling; do
    cp "$shots/$name-1440x900.png" "docs/images/$name.png"
done
ls -l docs/images
