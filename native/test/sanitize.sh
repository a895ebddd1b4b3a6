#!/usr/bin/env bash
# Builds the core with AddressSanitizer and UBSan in a folder of its own and runs the native tests on it.
# Usage: bash native/test/sanitize.sh [test files]; default: test/native/*.test.ts
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

cd "$root"
cp -r native src test package.json tsconfig.json "$build"
rm -rf "$build/native/build"
ln -s "$root/node_modules" "$build/node_modules"
cd "$build"
ONECOPY_SANITIZE=address,undefined npm run --silent build:native

# Node itself isn't instrumented: the sanitizer must be loaded first, and V8's own leaks are not ours.
LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)" \
  ASAN_OPTIONS=detect_leaks=0:halt_on_error=1 \
  UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
  node_modules/.bin/node --test "${@:-test/native/*.test.ts}"
