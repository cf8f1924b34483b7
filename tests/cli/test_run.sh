#!/usr/bin/env bash
# The whole job: what is published, that it is the same with any number of threads, that nothing half-written shows.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
job=geodata/shaanxi/job.yaml
run() { "$WUFENG" run $job --set publish.dir="$dir/out" --date 2025-01-31 --progress off "$@"; }
names() { (cd "$1" && for f in *.csv *.geojson; do sha256sum "$f"; done); }

run >"$dir/summary"
is 'the verdict is the exit code' "$? $(grep -c 'NOT SEAMLESS' "$dir/summary") $(grep -c '2157 read = 2144 assigned + 13 outside' "$dir/summary")" '1 1 1'
is 'latest points to the date' "$(readlink "$dir/out/shaanxi/latest")" 2025-01-31
is 'every file is there' "$(cd "$dir/out/shaanxi/latest" && ls | grep -v dictionary | tr '\n' ' ')" \
    'accounts.csv alerts.csv category_load.csv crossed.csv defects.csv defects.geojson flags.csv grid_load.csv grid_load.geojson indicators.csv manifest.json rejects.csv run.sqlite time_load.csv '
is 'accounts reconcile' "$(awk -F, 'NR > 1 {print $2 - $3 - $7 - $8 - $9 - $10}' "$dir/out/shaanxi/latest/accounts.csv")" 0
is 'the province counts all' "$(awk -F, '$3 == 1 {print $11}' "$dir/out/shaanxi/latest/grid_load.csv")" 2157
is 'incidents lie in the gap' "$(awk -F, '$3 == "G03" && $14 == 13 {n++} END {print n + 0}' "$dir/out/shaanxi/latest/defects.csv")" 1
is 'checksums of the manifest hold' "$(cd "$dir/out/shaanxi/latest" && grep -oE '"path": "[a-z_]*\.[a-z]*", "sha256": "[0-9a-f]*", "bytes"' manifest.json | sed -E 's/"path": "(.*)", "sha256": "(.*)", "bytes"/\2  \1/' | sha256sum -c --quiet && echo whole)" whole
names "$dir/out/shaanxi/latest" >"$dir/first"
for n in 1 2 8; do
    run --threads $n -q
    names "$dir/out/shaanxi/latest" | cmp -s - "$dir/first" && echo "ok the same bytes again, $n threads" || { echo "not ok the same bytes again, $n threads"; status=1; }
done
is 'nothing hidden is left' "$(ls -A "$dir/out/shaanxi" | tr '\n' ' ')" '.lock 2025-01-31 latest '
if command -v ogrinfo >/dev/null; then
    is 'grid_load.geojson opens' "$(ogrinfo -so -al "$dir/out/shaanxi/latest/grid_load.geojson" 2>&1 | grep -E 'Feature Count|Layer name' | tr '\n' ' ')" 'Layer name: grid_load Feature Count: 115 '
    is 'run.sqlite opens with its layers' "$(ogrinfo "$dir/out/shaanxi/latest/run.sqlite" 2>&1 | grep -cE '(grids|defects) \(Multi Polygon\)')" 2
else
    echo 'ok layers (skipped: needs ogrinfo of gdal-bin)'
fi
# A planner's own report is published with the rest; a mistake in it stops the run with file and line.
cp -r queries "$dir/q"
printf -- '-- name: top\n-- title: Most loaded\n-- output: csv\n-- column: grid_code | text | code | 编码\nSELECT g.grid_code, l.incidents FROM grid_load l JOIN grids g USING (grid_id) WHERE g.level = 3 ORDER BY 2 DESC, 1 LIMIT 3\n' >"$dir/q/top.sql"
run --set publish.queries="$dir/q" -q
is 'a new query is published' "$(sed 's/^\xef\xbb\xbf//' "$dir/out/shaanxi/latest/top.csv" | tr '\n' ' ')" 'grid_code,incidents 610802,68 610113,66 610116,59 '
printf -- '-- name: top\n-- output: csv\nSELECT 1 AS a -- one\n; /* all */\n-- done\n' >"$dir/q/top.sql"
run --set publish.queries="$dir/q" -q
is 'comments behind a query' "$? $(sed 's/^\xef\xbb\xbf//' "$dir/out/shaanxi/latest/top.csv" | tr '\n' ' ')" '1 a 1 '
printf -- '-- name: top\n-- output: csv\nSELECT 1; SELECT 2' >"$dir/q/top.sql"
is 'one query a file' "$(run --set publish.queries="$dir/q" 2>&1 | grep -c 'more than one statement')" 1
printf -- '-- name: top\n-- output: csv\n\nSELECT g.grid_cod FROM grids AS g\n' >"$dir/q/top.sql"
is 'a mistake in a query' "$(run --set publish.queries="$dir/q" 2>&1 | sed 's/.*top.sql/top.sql/'; echo "${PIPESTATUS[0]}")" "$(printf 'top.sql: line 4: no such column: g.grid_cod\n2')"
printf -- '-- name: top\n-- output: csv\nDELETE FROM grids RETURNING grid_code\n' >"$dir/q/top.sql"
is 'a query changes nothing' "$(run --set publish.queries="$dir/q" 2>&1 | grep -c 'must be one SELECT')" 1
printf -- '-- name: grid_load_dictionary\n-- output: csv\nSELECT 1 AS a\n' >"$dir/q/top.sql"
is 'a query named like a dictionary' "$(run --set publish.queries="$dir/q" 2>&1 | grep -c 'top.sql publishes "grid_load_dictionary", which is the dictionary of .*grid_load.sql'; echo "${PIPESTATUS[0]}")" "$(printf '1\n2')"
printf -- '-- name: top\n-- output: geojson\n-- geometry: geom\nSELECT grid_code, geometry FROM grids\n' >"$dir/q/top.sql"
printf 'lon,lat\n' >"$dir/empty.csv"
is 'a geometry that is no column, before the incidents are read' "$(run --set publish.queries="$dir/q" --set incidents.0.source="$dir/empty.csv" --set incidents.0.fields.id=null --set incidents.0.fields.category=null --set incidents.0.fields.grid=null 2>&1 | grep -c 'top.sql: there is no column "geom", which the head calls the geometry')" 1
for k in 100 500 1000; do
    is "a disk that is full at $k KiB is one line" "$(ulimit -f $k; run 2>&1 | grep -cE 'the run database: .*(disk full|disk I/O error)'; echo "${PIPESTATUS[0]}") $(ulimit -f $k; run 2>&1 | wc -l)" "$(printf '1\n4 1')"
done
mkdir -p "$dir/real/shaanxi/latest"
is 'a folder in the place of the link' "$("$WUFENG" run $job --set publish.dir="$dir/real" --date 2025-01-31 -q 2>&1 | grep -c 'real/shaanxi/latest: is a folder and not the link'; echo "${PIPESTATUS[0]}"; ls "$dir/real/shaanxi")" "$(printf '1\n4\nlatest')"
is 'the last run stays' "$(names "$dir/out/shaanxi/latest" | grep -v top | cmp -s - "$dir/first" && echo whole)" whole
# The job file.
bad() { # bad NAME TEXT CODE PATTERN
    printf '%b' "$2" >"$dir/bad.yaml"
    out=$("$WUFENG" run "$dir/bad.yaml" --progress off 2>&1 >/dev/null)
    is "$1" "$? $(grep -cE "$4" <<<"$out") $(wc -l <<<"$out")" "$3 1 1"
}
good="job: x\ngrids: {source: g.geojson}\nincidents: [{source: i.csv}]\npublish: {dir: out, queries: noq}\n"
bad 'unknown key' "${good}laod: {level: 3}\n" 2 'line 5, column 8: unknown key "laod.level": did you mean load.level'
bad 'no name' "grids: {source: g.geojson}\n" 2 'job: needs a name'
bad 'no incidents' "job: x\ngrids: {source: g.geojson}\n" 2 'incidents: needs at least one source'
bad 'wrong severity' "${good}check: {fail_on: all}\n" 2 'line 5, column 9: check.fail_on: takes sliver'
bad 'wrong format' "job: x\ngrids: {source: g.geojson}\nincidents: [{source: i.csv}]\npublish: {dir: out, queries: noq, formats: [csv, xls]}\n" 2 'formats.*takes csv and geojson'
bad 'no queries' "$good" 3 '/noq: the folder of the queries cannot be read'
bad 'wrong day' "${good}load: {from: 2025-02-30}\n" 2 'takes a day like'
bad 'one file twice' "job: x\ngrids: {source: g.geojson}\nincidents: [{source: i.csv}, {source: j/i.csv}]\npublish: {dir: out, queries: q}\n" 2 'line 3.*incidents.1.source: source 1 is "i.csv" already'
bad 'one name twice' "job: x\ngrids: {source: g.geojson}\nincidents: [{source: i.csv, name: a}, {source: j.csv, name: a}]\npublish: {dir: out, queries: q}\n" 2 'incidents.1.name: source 1 is "a" already'
bad 'too many sources' "job: x\ngrids: {source: g.geojson}\nincidents: [$(for i in {0..256}; do printf '{source: %s.csv},' $i; done)]\npublish: {dir: out, queries: q}\n" 2 'over 256 sources'
for date in 2025/01/31 20250131 '2025-01-31 08:00' 2025-02-30 ../../x; do
    is "the day of a run names its folder: $date" "$(run -q --date "$date" 2>&1 | grep -c -- '--date takes a day like')" 1
done
is '--dry-run prints the job' "$(run --dry-run | grep -cE '^(job: shaanxi|grids.crs: GCJ-02|load.level: 3)$')" 3
is 'a missing job file' "$("$WUFENG" run "$dir/none.yaml" 2>&1 | grep -c 'none.yaml'; "$WUFENG" run "$dir/none.yaml" 2>/dev/null; echo $?)" "$(printf '1\n3')"
# A source without categories beside one that has them.
printf 'lon,lat\n109.3,36.6\n109.3,36.6\n' >"$dir/plain.csv"
printf 'lon,lat,category_code\n109.3,36.6,X\n' >"$dir/kinds.csv"
printf 'job: kinds\ngrids: {source: %s/geodata/shaanxi/grids.geojson, crs: GCJ-02}\nincidents: [{source: plain.csv}, {source: kinds.csv}]\npublish: {dir: out, queries: %s/queries}\n' "$PWD" "$PWD" >"$dir/kinds.yaml"
"$WUFENG" run "$dir/kinds.yaml" --progress off -q
is 'rows without a category column are of no category' "$(awk -F, '$2 == 1 {print $3 "=" $4}' "$dir/out/kinds/latest/category_load.csv" | tr '\n' ' ')" '=2 X=1 '
sed 's/{source: plain.csv}/{source: plain.csv, crs_by: {map: {a: GCJ-02}}}/' "$dir/kinds.yaml" >"$dir/nofield.yaml"
is 'systems by no column' "$("$WUFENG" run "$dir/nofield.yaml" --progress off -q 2>&1 | grep -c 'name it as crs_by.field'; echo "${PIPESTATUS[0]}")" "$(printf '1\n2')"
# Another run of the job at work; a run that is killed outright; Ctrl-C.
exec 9>"$dir/out/shaanxi/.lock"
flock 9
run -q 2>"$dir/locked"
is 'a second run waits its turn' "$? $(grep -c 'another run' "$dir/locked")" '75 1'
exec 9>&-
"$WUFENG" run $job --set publish.dir="$dir/out" --date 2025-02-01 -q & pid=$!
sleep 0.4; kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
is 'killed half-way: the last run stays' "$(readlink "$dir/out/shaanxi/latest") $(ls "$dir/out/shaanxi" | tr '\n' ' ')" '2025-01-31 2025-01-31 latest '
"$WUFENG" run $job --set publish.dir="$dir/out" --date 2025-02-02 -q 2>"$dir/int" & pid=$!
sleep 0.4; kill -INT $pid 2>/dev/null; wait $pid
is 'interrupted: one line, code 6' "$? $(grep -c 'stopped by a signal' "$dir/int")" '6 1'
is 'leftovers are cleared' "$(ls -A "$dir/out/shaanxi" | tr '\n' ' ')" '.lock 2025-01-31 latest '
exit $status
