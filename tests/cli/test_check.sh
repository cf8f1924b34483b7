#!/usr/bin/env bash
# What check publishes: the columns, the JSON, the GeoPackage, allowed gaps, a signal.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
skip() { echo "skipped: $1"; }
square() { # square W S E N
    printf '[[[%s,%s],[%s,%s],[%s,%s],[%s,%s],[%s,%s]]]' "$1" "$2" "$3" "$2" "$3" "$4" "$1" "$4" "$1" "$2"
}
feature() { # feature CODE LEVEL PARENT WORKER HOUSEHOLDS COORDINATES
    printf '{"type":"Feature","properties":{"grid_code":"%s","level":%s,"parent_code":"%s","网格员":"%s","households":%s,"grid_type":"城市网格"},"geometry":{"type":"Polygon","coordinates":%s}}' "$@"
}
collection() { printf '{"type":"FeatureCollection","features":[%s]}' "$(IFS=,; echo "$*")"; }
# A street of four grids; the fourth lacks a place in its middle and is filed under another street.
S=$(feature 610824001 3 "" "" null "$(square 108.80 37.60 108.82 37.62)")
T=$(feature 610824002 3 "" "" null "$(square 108.82 37.60 108.83 37.62)")
A=$(feature 610824001001 4 610824001 张三 300 "$(square 108.80 37.60 108.81 37.61)")
B=$(feature 610824001002 4 610824001 张三 20 "$(square 108.81 37.60 108.82 37.61)")
C=$(feature 610824001003 4 610824001 张三 300 "$(square 108.80 37.61 108.81 37.62)")
hole=',[[108.813,37.613],[108.813,37.617],[108.817,37.617],[108.817,37.613],[108.813,37.613]]]'
D=$(feature 610824001004 4 610824002 李四 300 "$(square 108.81 37.61 108.82 37.62 | sed "s/]\$/$hole/")")
E=$(feature 610824002001 4 610824002 王五 300 "$(square 108.82 37.60 108.83 37.62)")
collection "$S" "$T" "$A" "$B" "$C" "$D" "$E" >"$dir/g.geojson"
collection "$E" "$D" "$C" "$B" "$A" "$T" "$S" >"$dir/r.geojson"

"$WUFENG" check "$dir/g.geojson" -q -o "$dir/d.csv"
is 'not seamless is exit 1' $? 1
is 'the columns' "$(head -1 "$dir/d.csv" | tr -d '\357\273\277')" \
    'defect_id,stable_id,rule,kind,severity,level,grid_codes,cause,status,excused_by,area_m2,thickness_m,length_m,incidents,population,lon,lat,message'
is 'the findings' "$(awk -F, 'NR > 1 {print $1, $3, $5, $6, $7}' "$dir/d.csv" | tr '\n' '|')" \
    '1 G03 serious 4 610824001004|2 G05 serious 4 610824001004;610824002|3 G06 noise 4 610824001002;610824001004;610824002001|4 G09 information 4 610824001004|5 G12 information 4 610824001002|6 G13 information 4 610824001001;610824001002;610824001003|7 G15 serious 3 610824001|'
is 'status is new, stable ids are 16 hex digits and unique' \
    "$(awk -F, 'NR > 1 {print $9}' "$dir/d.csv" | sort -u) $(awk -F, 'NR > 1 {print $2}' "$dir/d.csv" | grep -cE '^[0-9a-f]{16}$') $(awk -F, 'NR > 1 {print $2}' "$dir/d.csv" | sort -u | wc -l)" 'new 7 7'
is 'a G15 over the gap and the misfit refers to the gap in its middle' "$(grep -oE 'see defect [0-9]+' "$dir/d.csv")" 'see defect 1'
is 'names of workers are not published' "$(grep -c 张三 "$dir/d.csv")" 0
"$WUFENG" check "$dir/r.geojson" -q -o "$dir/r.csv"
is 'stable ids do not depend on the order of the features' \
    "$(cut -d, -f2,3 "$dir/r.csv" | sort | sha256sum)" "$(cut -d, -f2,3 "$dir/d.csv" | sort | sha256sum)"
"$WUFENG" check "$dir/g.geojson" --at-level 4 -q -o "$dir/four.csv"
is 'one level alone is not nested' "$(awk -F, 'NR > 1 {print $3}' "$dir/four.csv" | tr '\n' ' ')" 'G03 G06 G09 G12 G13 '

"$WUFENG" check "$dir/g.geojson" --json -o "$dir/d.geojson" >"$dir/d.json"
if command -v jq >/dev/null; then
    is 'the JSON' "$(jq -r '[.verdict, .verdict_strict, .grids, .vertices, .floor_m, .outline, .gaps.n, .overlaps.n] | join(" ")' "$dir/d.json")" \
        'not_seamless not_seamless 7 40 0.2 false 1 0'
    is 'its keys' "$(jq -r 'keys_unsorted | join(" ")' "$dir/d.json")|$(jq -r '.defects[0] | keys_unsorted | join(" ")' "$dir/d.json")" \
        'verdict verdict_strict grids vertices floor_m outline area_m2 gaps overlaps by_rule defects|id rule kind severity grids area_m2 thickness_m lon lat'
    is 'rules are counted' "$(jq -c .by_rule "$dir/d.json")" '{"G03":1,"G05":1,"G06":1,"G09":1,"G12":1,"G13":1,"G15":1}'
    is 'areas add up' "$(jq '(.gaps.area_m2 - .defects[0].area_m2 | fabs) < 1e-3 and .area_m2 > 5.8e6 and .area_m2 < 5.9e6' "$dir/d.json")" true
    is 'the GeoJSON has the same properties' "$(jq -r '.features[0].properties | keys_unsorted | join(",")' "$dir/d.geojson")" "$(head -1 "$dir/d.csv" | tr -d '\357\273\277')"
    is 'its geometries' "$(jq -r '[.features[].geometry.type] | join(" ")' "$dir/d.geojson")" \
        'MultiPolygon MultiPolygon Point Point Point Point MultiPolygon'
else
    skip 'jq is not there: the JSON was not looked at'
fi

"$WUFENG" check "$dir/g.geojson" -q -o "$dir/d.gpkg"
"$WUFENG" check "$dir/g.geojson" -q -o "$dir/e.gpkg"
is 'the GeoPackage is the same from run to run' "$(cmp "$dir/d.gpkg" "$dir/e.gpkg" && echo same)" same
if command -v ogrinfo >/dev/null; then
    count() { ogrinfo -q "$dir/d.gpkg" -sql "SELECT COUNT(*) AS n FROM $1" | grep -oE 'n \(Integer\) = [0-9]+' | grep -oE '[0-9]+$'; }
    is 'its layers' "$(ogrinfo -q "$dir/d.gpkg" | tr '\n' ' ')" '1: defects (Multi Polygon) 2: defect_points (Point) '
    is 'its rows' "$(count defects) $(count defect_points) $(count "defects WHERE ST_IsEmpty(geom) OR population IS NOT NULL")" '3 4 0'
    is 'its columns' "$(ogrinfo -so "$dir/d.gpkg" defects | grep -oE '^[a-z_0-9]+: (String|Integer64|Real)' | cut -d: -f1 | paste -sd,)" \
        "$(head -1 "$dir/d.csv" | tr -d '\357\273\277')"
    is 'its system is that of the grids' "$(ogrinfo -so "$dir/d.gpkg" defect_points | grep -c 'ID\["EPSG",4326\]')" 1
else
    skip 'ogrinfo is not there: the GeoPackage was not opened'
fi

# The hole is a reservoir: the street is seamless but for the grid under the wrong parent.
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"grid_name":"水库"},"geometry":{"type":"Polygon","coordinates":%s}}]}' \
    "$(square 108.812 37.612 108.818 37.618)" >"$dir/allowed.geojson"
"$WUFENG" check "$dir/g.geojson" --at-level 4 --allowed-gaps "$dir/allowed.geojson" -q -o "$dir/a.csv"
is 'an allowed gap does not fail' $? 0
is 'it is listed with what excuses it' "$(awk -F, '$3 == "G03" {print $10}' "$dir/a.csv")" '水库'
"$WUFENG" check "$dir/g.geojson" --allowed-gaps "$dir/allowed.geojson" -q -o "$dir/a.csv"
is 'what refers to it is excused too, the misfit is not' "$? $(awk -F, '$10 != "" && NR > 1 {print $3}' "$dir/a.csv" | tr '\n' ' ')" '1 G03 G15 '
sed 's/"grid_name":"水库"//; s/108.818/108.816/g' "$dir/allowed.geojson" >"$dir/small.geojson"
"$WUFENG" check "$dir/g.geojson" --at-level 4 --allowed-gaps "$dir/small.geojson" -q
is 'a gap that is larger than the allowed one fails' $? 1

# The place of a moment differs with the machine: the first signal that comes before the end must do.
got=
for wait in 0.3 0.6 0.15 1.2 0.08 2.5; do
    "$WUFENG" check geodata/shaanxi/grids.geojson -q -o "$dir/stopped.gpkg" 2>"$dir/stopped.txt" &
    sleep $wait
    kill -INT $! 2>/dev/null
    wait $!
    got=$?
    [ $got -eq 6 ] && break
    rm -f "$dir/stopped.gpkg"
done
is 'a signal ends the check with 6 and leaves nothing' "$got $(grep -c 'stopped by a signal' "$dir/stopped.txt") $(find "$dir" -name '*stopped.gpkg*' | wc -l)" '6 1 0'
collection "$A" "$(feature 610824001002 4 610824001 张三 20 "$(square -1e300 -1e300 1e300 1e300)")" >"$dir/far.geojson"
"$WUFENG" check "$dir/far.geojson" -q -o "$dir/far.csv"
is 'coordinates of 300 digits' "$? $(grep -c ',G01,coordinates out of range' "$dir/far.csv")" '1 1'
exit $status
