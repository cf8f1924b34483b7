#!/usr/bin/env bash
# The table of rooms, the extern names and the format, checked with grep. Prints one "ok"/"not ok" a rule.
cd "$(dirname "$0")/../.." || exit 2
status=0
rule() { # rule NAME: lines on standard input are breaches
    local found
    found=$(cat)
    if [ -z "$found" ]; then echo "ok $1"; else status=1; echo "not ok $1"; printf '%s\n' "$found"; fi
}
files() { find src -name "$1" 2>/dev/null | sort; }

vendor='#include *[<"](gdal|ogr|cpl_|geos_c|proj|geodesic|sqlite3|spatialite|yaml|json|sodium)'
files '*.[ch]' | grep -v '^src/bridge/.*\.c$' | xargs -r grep -nE "$vendor" | rule 'vendor headers only in src/bridge/*.c'
grep -rnE '#include *<stdio\.h>' src/coverage src/locate src/workload src/redesign src/intake src/synth 2>/dev/null | rule 'no stdio in the pure rooms'

may() { # may ROOM REGEX-OF-ROOMS: project includes of a room
    grep -rnE '#include "' "src/$1" 2>/dev/null | grep -vE "#include \"(build/|$2)/"
}
may base base | rule 'base includes base'
may coverage 'base|coverage' | rule 'coverage includes base'
may locate 'base|coverage|locate' | rule 'locate includes base, coverage'
may workload 'base|coverage|locate|workload' | rule 'workload includes base, coverage, locate'
may intake 'base|intake' | rule 'intake includes base'
may synth 'base|synth|tables' | rule 'synth includes base'
may report 'base|report' | rule 'report includes base'
may bridge 'base|bridge|coverage|locate|workload|intake|synth|tables' | rule 'bridge includes base and types'
may stage 'base|stage|coverage|locate|workload|intake|synth|report|bridge|tables' | rule 'stage does not include app'
may app 'base|stage|app' | rule 'app includes base and stage'

if [ -f build/libwufeng.a ]; then
    nm -g --defined-only build/libwufeng.a 2>/dev/null | awk '$2 ~ /[TDBRC]/ && $3 !~ /^wf_/ {print $3}' | rule 'extern names begin with wf_'
fi
if command -v clang-format >/dev/null; then
    files '*.[ch]' | xargs -r clang-format --dry-run 2>&1 | grep -E 'warning:' | head -5 | rule 'format'
fi
exit $status
