#!/usr/bin/env bash
# What is new, what persists and what was fixed since an earlier check.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
# Squares of 0.01 degrees by their south-west corner; east-west neighbours share an edge. A wider one overlaps its neighbour.
plan() { # plan "x y width;…"
    awk -v list="$1" 'BEGIN {
        n = split(list, c, ";"); printf "{\"type\":\"FeatureCollection\",\"features\":["
        for (i = 1; i <= n; i++) {
            split(c[i], v, " "); x = 108.8 + v[1] / 100; y = 37.6 + v[2] / 100; w = v[3] / 100
            printf "%s{\"type\":\"Feature\",\"properties\":{\"grid_code\":\"g%s%s\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f],[%.4f,%.4f]]]}}",
                (i > 1 ? "," : ""), v[1], v[2], x, y, x + w, y, x + w, y + .01, x, y + .01, x, y
        }
        print "]}"
    }'
}
ring='0 0 1;1 0 1;2 0 1;0 1 1;2 1 1;0 2 1;1 2 1;2 2 1'
plan "$ring;4 0 1.2;5 0 1;7 0 1.1;8 0 1" >"$dir/one.geojson" # a gap in the middle, two overlaps
plan "$ring;4 0 1;5 0 1;7 0 1.1;8 0 1;4 2 1.3;5 2 1" >"$dir/two.geojson" # the first overlap is gone, another has come
counts() { awk -F, 'NR > 1 {print $3, $9}' "$1" | sort | uniq -c | awk '{printf "%s %s %s|", $1, $2, $3}'; }
for f in csv geojson gpkg; do "$WUFENG" check "$dir/one.geojson" -q -o "$dir/found.$f"; done
is 'without an earlier check all are new' "$(counts "$dir/found.csv")" '2 G02 new|1 G03 new|'
for f in csv geojson gpkg; do
    "$WUFENG" check "$dir/two.geojson" --previous "$dir/found.$f" -q -o "$dir/two.csv"
    is "since $f" "$? $(counts "$dir/two.csv")" '1 1 G02 fixed|1 G02 new|1 G02 persisting|1 G03 persisting|'
done
is 'what was fixed says what it was' "$(grep -c ',fixed,.*No longer found. It was: ' "$dir/two.csv")" 1
is 'it has its area and no place in the sum' "$(awk -F, '$9 == "fixed" {print ($11 > 1000)}' "$dir/two.csv") $("$WUFENG" check "$dir/two.geojson" --previous "$dir/found.csv" --json | grep -oE '"overlaps": \{"n": [0-9]*|"since": \{[^}]*' | tr '\n' ' ')" \
    '1 "overlaps": {"n": 2 "since": {"new": 1, "persisting": 2, "fixed": 1 '
"$WUFENG" check "$dir/two.geojson" --previous "$dir/two.csv" -q -o "$dir/three.csv"
is 'what was fixed is not fixed twice' "$(counts "$dir/three.csv")" '2 G02 persisting|1 G03 persisting|'
is 'a file without findings' "$("$WUFENG" check "$dir/two.geojson" --previous "$dir/one.geojson.no" 2>&1 | grep -c 'there is no such file') $("$WUFENG" check "$dir/two.geojson" --previous "$dir/two.geojson" 2>&1 | grep -c 'no column stable_id')" '1 1'
# Runs: held against the newest earlier day, whatever was run after it; the same day again gives the same.
printf 'event_id,lon,lat\n1,108.805,37.605\n' >"$dir/incidents.csv"
job() { printf 'job: since\ngrids: {source: %s.geojson}\nincidents: [{source: incidents.csv}]\npublish: {dir: runs, queries: %s/queries}\n' "$1" "$PWD" >"$dir/job.yaml"; }
run() { "$WUFENG" run "$dir/job.yaml" --date "$1" --progress off; }
job one; run 2025-01-01 >/dev/null
job two; run 2025-01-03 >"$dir/summary"
is 'a run tells it too' "$(counts "$dir/runs/since/2025-01-03/defects.csv") $(grep -c 'since the last earlier run: 1 new, 2 persisting, 1 fixed' "$dir/summary")" '1 G02 fixed|1 G02 new|1 G02 persisting|1 G03 persisting| 1'
is 'in GeoJSON with no geometry' "$(grep -c '"status": *"fixed".*' "$dir/runs/since/2025-01-03/defects.geojson")" 1
cp "$dir/runs/since/2025-01-03/defects.csv" "$dir/before.csv"
run 2025-01-03 >/dev/null
is 'the same day again' "$(cmp "$dir/before.csv" "$dir/runs/since/2025-01-03/defects.csv" && echo same)" same
run 2025-01-02 >/dev/null
is 'a day between' "$(counts "$dir/runs/since/2025-01-02/defects.csv")" '1 G02 fixed|1 G02 new|1 G02 persisting|1 G03 persisting|'
printf 'no database' >"$dir/runs/since/2025-01-02/run.sqlite"
run 2025-01-03 >"$dir/summary"
is 'an earlier run that cannot be read is a notice' "$? $(grep -c 'notice.*all defects count as new' "$dir/summary") $(counts "$dir/runs/since/2025-01-03/defects.csv")" '1 1 2 G02 new|1 G03 new|'
exit $status
