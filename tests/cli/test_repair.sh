#!/usr/bin/env bash
# The repair command: the planted plan is mended, the ledger says what moved, files keep what they held.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
expect() { # expect NAME CODE PATTERN ARGUMENTS...
    local name=$1 code=$2 pattern=$3 out got
    shift 3
    out=$("$WUFENG" repair "$@" 2>&1 >/dev/null)
    got=$?
    if [ $got -eq "$code" ] && grep -qE "$pattern" <<<"$out" && [ "$(wc -l <<<"$out")" -eq 1 ]; then
        echo "ok $name"
    else
        echo "not ok $name: exit $got (wanted $code): $out"
        status=1
    fi
}
skip() { echo "skipped: $1"; }
square() { # square W S E N
    printf '[[[%s,%s],[%s,%s],[%s,%s],[%s,%s],[%s,%s]]]' "$1" "$2" "$3" "$2" "$3" "$4" "$1" "$4" "$1" "$2"
}
feature() { # feature CODE COORDINATES: with columns the engine does not know
    printf '{"type":"Feature","properties":{"grid_code":"%s","level":4,"prio":%s,"fixed":"%s","颜色":"红","n":7},"geometry":{"type":"Polygon","coordinates":%s}}' "$@"
}
collection() { printf '{"type":"FeatureCollection","name":"plan","features":[%s]}' "$(IFS=,; echo "$*")"; }
rows() { tail -n +2 "$1" | cut -d, -f1-3,5 | tr '\n' '|'; }
# Two grids lap over by a tenth; beside them a gap of a third of a grid, and one far off.
A=$(feature A 2 no "$(square 108.80 37.60 108.811 37.61)")
B=$(feature B 1 no "$(square 108.81 37.60 108.82 37.61)")
C=$(feature C null 是 "$(square 108.80 37.61 108.81 37.62)")
D=$(feature D null no '[[[108.81,37.61],[108.82,37.61],[108.82,37.62],[108.81,37.62],[108.812,37.615],[108.81,37.61]]]')
E=$(feature E null no "$(square 108.90 37.60 108.91 37.61)")
collection "$A" "$B" "$C" "$D" "$E" >"$dir/g.geojson"

"$WUFENG" repair "$dir/g.geojson" -o "$dir/r.geojson" >"$dir/out.txt"
is 'all mended is exit 0' $? 0
is 'the summary' "$(sed -n 1,3p "$dir/out.txt" | tr -s ' ' | tr '\n' '|')" \
    'verdict passes the check strictly at level 4|grids 5, of which 3 changed; new vertices on 6 decimals, floor 0.200 m|repaired 1 gaps, 1 overlaps, 195996.9 m² moved in 2 transfers|'
"$WUFENG" check "$dir/r.geojson" -q
is 'what was written passes the check' $? 0
is 'the ledger' "$(head -1 "$dir/r.ledger.csv" | tr -d '\357\273\277')|$(rows "$dir/r.ledger.csv")" \
    'kind,from,to,area_m2,rule,lon,lat|overlap,B,A,area|gap,,D,border|'
"$WUFENG" repair "$dir/r.geojson" -o "$dir/again.geojson" -q
is 'a second repair changes no byte' "$(cmp "$dir/r.geojson" "$dir/again.geojson" && echo same)" same
is 'nothing moved then' "$(rows "$dir/again.ledger.csv")" ''
if command -v jq >/dev/null; then
    is 'columns stay' "$(jq -c '.features[1].properties' "$dir/r.geojson")" \
        '{"grid_code":"B","level":4,"prio":1,"fixed":"no","颜色":"红","n":7}'
    is 'a grid far off stays' "$(jq -c '.features[4].geometry' "$dir/r.geojson")" "$(jq -c '.features[4].geometry' "$dir/g.geojson")"
    is 'no ids where there were none' "$(jq '[.features[] | has("id")] | any' "$dir/r.geojson")" false
    is 'the JSON' "$("$WUFENG" repair "$dir/g.geojson" -o "$dir/j.geojson" --json | jq -r '[.verdict_strict, .level, .grids, .gaps, .overlaps, .left] | join(" ")')" \
        'seamless 4 5 1 1 0'
else
    skip 'jq is not there: the JSON was not looked at'
fi

# Rules.
rule() { "$WUFENG" repair "$dir/g.geojson" --dry-run --ledger "$dir/l.csv" -q "$@"; echo "$? $(rows "$dir/l.csv")"; }
is 'by priority' "$(rule --priority prio)" '0 overlap,A,B,priority|gap,,D,border|'
is 'in another order' "$(rule --priority prio --overlap-order code,priority)" '0 overlap,B,A,code|gap,,D,border|'
is 'a locked grid takes no gap' "$(rule --locked fixed)" '0 overlap,B,A,area|gap,,D,border|'
is 'a large gap is left' "$(rule --max-gap-area 1000)" '1 overlap,B,A,area|left,C;D,,over the limits for gaps|'
is 'a wide gap is left' "$(rule --max-gap-width 10)" '1 overlap,B,A,area|left,C;D,,over the limits for gaps|'
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"grid_name":"水库"},"geometry":{"type":"Polygon","coordinates":%s}}]}' \
    "$(square 108.80 37.60 108.82 37.62)" >"$dir/allowed.geojson"
is 'an allowed gap stays' "$(rule --allowed-gaps "$dir/allowed.geojson")" '0 overlap,B,A,area|'
is 'a dry run writes the ledger alone' "$("$WUFENG" repair "$dir/g.geojson" --dry-run -o "$dir/dry.gpkg" -q; ls "$dir" | grep dry)" dry.ledger.csv

# Other formats, and a layer by its name.
"$WUFENG" repair "$dir/g.geojson:plan" -o "$dir/r.gpkg" --ledger "$dir/mine.csv" -q
is 'as a GeoPackage' "$? $(rows "$dir/mine.csv")" '0 overlap,B,A,area|gap,,D,border|'
"$WUFENG" repair "$dir/r.gpkg" -o "$dir/s.gpkg" -q
is 'a second repair changes no byte of it' "$(cmp "$dir/r.gpkg" "$dir/s.gpkg" && echo same)" same
if command -v ogrinfo >/dev/null; then
    is 'its columns' "$(ogrinfo -so "$dir/r.gpkg" plan | grep -oE '^[^ ]+: (String|Integer|Integer64|Real)' | cut -d: -f1 | paste -sd,)" \
        'grid_code,level,prio,fixed,颜色,n'
else
    skip 'ogrinfo is not there: the GeoPackage was not opened'
fi

# Coordinates with all the digits that a double has.
collection "$(feature A 1 no '[[[2.3333333333333335,2.1],[2.3334761904761905,2.1],[2.3334761904761905,2.2],[2.3333333333333335,2.2],[2.3333333333333335,2.1]]]')" >"$dir/digits.geojson"
"$WUFENG" repair "$dir/digits.geojson" -o "$dir/d.geojson" -q
is 'digits are kept' "$? $(grep -c '2.33333333333333348' "$dir/d.geojson")" '0 1'

# The synthetic plan with everything planted in it.
"$WUFENG" synth seeds/jingbian.yaml --incidents 10 -o "$dir/plan" >/dev/null
"$WUFENG" repair "$dir/plan/grids_defects.gpkg" --at-level 4 -o "$dir/p.gpkg" --threads 1 -q
is 'the planted plan has grids that cannot be mended' $? 1
is 'they are said' "$(grep ^left "$dir/p.ledger.csv" | cut -d, -f5 | sort | uniq -c | tr -s ' ' | tr '\n' '|')" \
    ' 3 columns stay as they are| 3 no usable geometry| 2 would be emptied|'
"$WUFENG" check "$dir/p.gpkg" --at-level 4 -q -o "$dir/p.csv"
is 'nothing else is found, of what does not pass' "$(awk -F, 'NR > 1 && $5 != "information" {print $3}' "$dir/p.csv" | sort | uniq -c | tr -s ' ' | tr '\n' '|')" \
    ' 3 G01| 3 G08| 2 G10|'
"$WUFENG" repair "$dir/plan/grids_defects.gpkg" --at-level 4 -o "$dir/q.gpkg" --threads 4 -q
is 'the number of threads does not show' "$(cmp "$dir/p.gpkg" "$dir/q.gpkg" && cmp "$dir/p.ledger.csv" "$dir/q.ledger.csv" && echo same)" same
"$WUFENG" repair "$dir/p.gpkg" --at-level 4 -o "$dir/q.gpkg" -q
is 'a second repair changes no byte of the plan' "$(cmp "$dir/p.gpkg" "$dir/q.gpkg" && echo same)" same
"$WUFENG" repair "$dir/plan/grids.gpkg" --at-level 4 -o "$dir/sound.gpkg" -q
is 'a sound plan passes and nothing moves' "$? $(rows "$dir/sound.ledger.csv")" '0 '

# All levels: parents follow their grids.
"$WUFENG" repair "$dir/plan/grids_defects.gpkg" -o "$dir/p.gpkg" --json >"$dir/p.json"
is 'of the whole plan something is left' $? 1
"$WUFENG" check "$dir/p.gpkg" -q -o "$dir/p.csv"
is 'no gap and no overlap but duplicates is found on any level' \
    "$(awk -F, 'NR > 1 && $5 != "information" {print $3}' "$dir/p.csv" | sort | uniq -c | tr -s ' ' | tr '\n' '|')" \
    ' 24 G01| 6 G05| 3 G08| 2 G10| 6 G15|'
is 'what did not nest before is said' "$(grep -c 'did not nest before' "$dir/p.ledger.csv")" 6
"$WUFENG" repair "$dir/p.gpkg" -o "$dir/q.gpkg" -q
is 'a second repair changes no byte on any level' "$(cmp "$dir/p.gpkg" "$dir/q.gpkg" && echo same)" same
"$WUFENG" repair "$dir/plan/grids.gpkg" -o "$dir/sound.gpkg" -q
is 'a sound plan passes on all levels and nothing moves' "$? $(rows "$dir/sound.ledger.csv")" '0 '
member() { # member CODE LEVEL PARENT COORDINATES
    printf '{"type":"Feature","properties":{"grid_code":"%s","level":%s,"parent_code":"%s"},"geometry":{"type":"Polygon","coordinates":%s}}' "$@"
}
collection "$(member P 3 '' "$(square 108.80 37.60 108.81 37.61)")" "$(member Q 3 '' "$(square 108.81 37.60 108.82 37.61)")" \
    "$(member P1 4 P "$(square 108.80 37.60 108.806 37.61)")" "$(member P2 4 P "$(square 108.805 37.60 108.81 37.61)")" \
    "$(member Q1 4 Q "$(square 108.809 37.60 108.82 37.61)")" >"$dir/m.geojson"
"$WUFENG" repair "$dir/m.geojson" -o "$dir/m.gpkg" -q
is 'a grid that keeps a place beyond its parent takes it along' "$? $(rows "$dir/m.ledger.csv")" '0 overlap,P2,P1,area|overlap,P2,Q1,area|'
"$WUFENG" check "$dir/m.gpkg" -q
is 'and the parents fit' $? 0

# What cannot be.
expect 'no output' 2 'needs -o' "$dir/g.geojson"
expect 'no input' 2 'needs one file' -o "$dir/x.gpkg"
expect 'unknown format' 2 'gpkg or .geojson' "$dir/g.geojson" -o "$dir/x.shp"
expect 'no such level' 2 'level 2' "$dir/g.geojson" -o "$dir/x.gpkg" --at-level 2
expect 'no such column' 2 'rank' "$dir/g.geojson" -o "$dir/x.gpkg" --priority rank
expect 'unknown rule' 2 'not "size"' "$dir/g.geojson" -o "$dir/x.gpkg" --overlap-order size,code
expect 'a rule twice' 2 'twice' "$dir/g.geojson" -o "$dir/x.gpkg" --overlap-order code,code
expect 'negative limit' 2 'max-gap-area' "$dir/g.geojson" -o "$dir/x.gpkg" --max-gap-area -5
expect 'an outline' 2 'outer border' "$dir/g.geojson" -o "$dir/x.gpkg" --outline "$dir/allowed.geojson"
expect 'missing grids' 3 'none' "$dir/none.gpkg" -o "$dir/x.gpkg"
expect 'the input as the output' 2 'stays as it is' "$dir/g.geojson" -o "$dir/g.geojson"
expect 'the input as the ledger' 2 'stays as it is' "$dir/g.geojson" -o "$dir/x.gpkg" --ledger "$dir/g.geojson"
expect 'unwritable output' 4 'nowhere' "$dir/g.geojson" -o "$dir/nowhere/x.gpkg"
expect 'unwritable output, ledger elsewhere' 4 'nowhere' "$dir/g.geojson" -o "$dir/nowhere/x.gpkg" --ledger "$dir/x.csv"
is 'nothing published' "$(find "$dir" -name '*x.*' | wc -l)" 0
exit $status
