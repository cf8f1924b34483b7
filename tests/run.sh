#!/usr/bin/env bash
# Run every test there is against the build in $1 and close with "N passed, N failed".
set -u
build=$1
passed=0 failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() { # count NAME STATUS: read the cases out of $log
    local ok bad
    ok=$(grep -c -E '^\[ +OK +\]|^ok ' "$log")
    bad=$(grep -E '^\[ +FAILED +\] [A-Za-z_0-9]+$|^not ok ' "$log" | sort -u | wc -l)
    if [ "$2" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ "$bad" -ne 0 ]; then sed "s|^|$1: |" "$log"; fi
    printf '%-44s %4d passed, %d failed\n' "$1" "$ok" "$bad"
    passed=$((passed + ok)) failed=$((failed + bad))
}

for test in "$build"/tests/unit/test_* "$build"/tests/property/test_* "$build"/tests/fuzz/fuzz_*; do
    [ -x "$test" ] && [ "${test%.d}" = "$test" ] || continue
    "$test" >"$log" 2>&1
    count "${test#"$build"/tests/}" $?
done
for test in tests/lint/lint.sh tests/cli/test_*.sh; do
    [ -x "$test" ] || continue
    WUFENG=$PWD/$build/wufeng "$test" >"$log" 2>&1
    count "${test#tests/}" $?
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
