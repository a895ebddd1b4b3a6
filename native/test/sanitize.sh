#!/usr/bin/env bash
# Builds the core with AddressSanitizer and UBSan in a folder of its own and runs the native tests on it.
# Usage: bash native/test/sanitize.sh [test files]; default: those of the core, of memory that is moved away,
# and of the learners and tables whose kernels have no tests of their own; without those that run others again.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

if [ $# -eq 0 ]; then
  set -- 'test/native/!(instruction-sets|moved-memory-fallbacks).test.ts' \
    test/learn/moved-memory.test.ts test/arrays/files/files.test.ts \
    'test/learn/svm/*.test.ts' 'test/learn/cluster/*.test.ts' 'test/learn/robust/*.test.ts' \
    'test/learn/neural/*.test.ts' test/tables/rows/rows.test.ts test/tables/genotypes/write-vcf.test.ts
fi

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
  node_modules/.bin/node test/run.ts "$@"
