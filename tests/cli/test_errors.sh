#!/usr/bin/env bash
# Bad input: one clear line, the right exit code, nothing published.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
expect() { # expect NAME CODE PATTERN COMMAND...
    local name=$1 code=$2 pattern=$3 out got
    shift 3
    out=$("$@" 2>&1 >/dev/null)
    got=$?
    if [ $got -eq "$code" ] && grep -qE "$pattern" <<<"$out" && [ "$(wc -l <<<"$out")" -eq 1 ]; then
        echo "ok $name"
    else
        echo "not ok $name: exit $got (wanted $code): $out"
        status=1
    fi
}
square='{"type":"Polygon","coordinates":[[[108,37],[108.01,37],[108.01,37.01],[108,37.01],[108,37]]]}'
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"grid_code":"610824001003012"},"geometry":%s}]}' "$square" >"$dir/one.geojson"
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"colour":"red"},"geometry":%s}]}' "$square" >"$dir/nocode.geojson"
printf 'id,name\n1,a\n' >"$dir/nocoord.csv"
printf 'id,lon,lat\n1,108.005,37.005\n' >"$dir/good.csv"
: >"$dir/empty.csv"

expect 'unknown command' 2 'did you mean tally' "$WUFENG" taly
expect 'unknown option' 2 'did you mean --floor' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" -o "$dir/x.csv" --flor 1
expect 'option without value' 2 'needs a value' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" -o "$dir/x.csv" --floor
expect 'bad number' 2 'not "thick"' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" -o "$dir/x.csv" --floor thick
expect 'missing grids' 3 'none\.gpkg' "$WUFENG" tally "$dir/none.gpkg" "$dir/good.csv" -o "$dir/x.csv"
expect 'wrong layer lists the layers' 2 'nocode' "$WUFENG" tally "$dir/nocode.geojson:absent" "$dir/good.csv" -o "$dir/x.csv"
expect 'no code column lists the columns' 3 'colour' "$WUFENG" tally "$dir/nocode.geojson" "$dir/good.csv" -o "$dir/x.csv"
expect 'check: no such level' 2 'level 7' "$WUFENG" check "$dir/one.geojson" --at-level 7
expect 'check: bad severity' 2 'sliver' "$WUFENG" check "$dir/one.geojson" --fail-on some
expect 'check: unknown format' 2 'geojson' "$WUFENG" check "$dir/one.geojson" -o "$dir/x.pdf"
expect 'check: allowed gaps that are not there' 3 'none\.geojson' "$WUFENG" check "$dir/one.geojson" --allowed-gaps "$dir/none.geojson"
expect 'check: unwritable GeoPackage' 4 'nowhere' "$WUFENG" check "$dir/one.geojson" -o "$dir/nowhere/x.gpkg"
expect 'check: unwritable CSV' 4 'nowhere' "$WUFENG" check "$dir/one.geojson" -o "$dir/nowhere/x.csv"
expect 'missing incidents' 3 'none\.csv' "$WUFENG" tally "$dir/one.geojson" "$dir/none.csv" -o "$dir/x.csv"
expect 'empty incidents' 3 'empty' "$WUFENG" tally "$dir/one.geojson" "$dir/empty.csv" -o "$dir/x.csv"
expect 'no coordinates lists the columns' 3 'name' "$WUFENG" tally "$dir/one.geojson" "$dir/nocoord.csv" -o "$dir/x.csv"
expect 'unknown incident crs' 2 'NOPE' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" --crs NOPE -o "$dir/x.csv"
expect 'unwritable output' 4 'nowhere' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" -o "$dir/nowhere/x.csv"
before=$(cat "$dir/one.geojson" "$dir/good.csv" | sha256sum)
ln -s one.geojson "$dir/link.geojson"
expect 'check: the output is the input' 2 'is an input too' "$WUFENG" check "$dir/one.geojson" -o "$dir/../$(basename "$dir")/one.geojson"
expect 'check: so through a link' 2 'is an input too' "$WUFENG" check "$dir/link.geojson" -o "$dir/one.geojson"
expect 'tally: the output is the input' 2 'is an input too' "$WUFENG" tally "$dir/one.geojson" "$dir/good.csv" -o "$dir/good.csv"
expect 'assign: the output is a layer of an input' 2 'is an input too' "$WUFENG" assign "$dir/one.geojson:one" "$dir/good.csv" -o "$dir/one.geojson"
if [ "$before" = "$(cat "$dir/one.geojson" "$dir/good.csv" | sha256sum)" ]; then echo 'ok inputs are as they were'; else echo 'not ok an input was changed'; status=1; fi
if [ -e "$dir/x.csv" ]; then echo 'not ok a failed command published a file'; status=1; else echo 'ok nothing published'; fi
exit $status
