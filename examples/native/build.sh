#!/bin/sh
# Builds qoi.wasm from qoi.c. Needs clang and lld (Debian: apt-get install clang lld).
set -eu
cd "$(dirname "$0")"
clang --target=wasm32 -O3 -mbulk-memory -nostdlib -Wl,--no-entry -Wl,--export=reserve -Wl,--export=encode -Wl,--strip-all -o qoi.wasm qoi.c
