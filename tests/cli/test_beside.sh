#!/usr/bin/env bash
# Files beside the grids (outline, allowed gaps, buildings with people) in another system than theirs.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
# A 3 by 3 plan of squares of 0.01 degrees without its middle one (an enclosed gap) and its north-east one.
squares() { # squares LIST OF "x y" SUBSTITUTE-PROPERTIES
    awk -v list="$1" 'BEGIN {
        n = split(list, c, ";")
        for (i = 1; i <= n; i++) {
            split(c[i], v, " "); x = 108.8 + v[1] / 100; y = 37.6 + v[2] / 100
            printf "%s{\"type\":\"Feature\",\"properties\":{\"grid_code\":\"%s\",\"population\":%d},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f],[%.2f,%.2f]]]}}",
                (i > 1 ? "," : ""), "g" i, 100 * i, x, y, x + .01, y, x + .01, y + .01, x, y + .01, x, y
        }
    }'
}
printf '{"type":"FeatureCollection","features":[%s]}' "$(squares '0 0;1 0;2 0;0 1;2 1;0 2;1 2')" >"$dir/grids.geojson"
mercator() { # mercator "lon lat lon lat …": [x,y],[x,y],…
    awk -v list="$1" 'BEGIN {
        pi = atan2(0, -1); n = split(list, v, " ")
        for (i = 1; i < n; i += 2) {
            s = sin(v[i + 1] * pi / 180)
            printf "%s[%.9f,%.9f]", (i > 1 ? "," : ""), 6378137 * v[i] * pi / 180, 6378137 / 2 * log((1 + s) / (1 - s))
        }
    }'
}
crs='"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3857"}}'
polygon() { printf '{"type":"FeatureCollection",%s,"features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[%s]]}}]}' "$crs" "$(mercator "$1")"; }
polygon "108.80 37.60 108.83 37.60 108.83 37.63 108.80 37.63 108.80 37.60" >"$dir/outline.geojson"
polygon "108.81 37.61 108.82 37.61 108.82 37.62 108.81 37.62 108.81 37.61" >"$dir/allowed.geojson"
gaps() { "$WUFENG" check "$dir/grids.geojson" --json "$@" | grep -oE '"rule": "G0[34]"' | sort | uniq -c | awk '{printf "%s%s ", $3, $1}'; }
is 'an outline in Mercator is moved to the grids' "$(gaps --outline "$dir/outline.geojson")" '"G03"1 "G04"1 '
is 'an allowed gap in Mercator is moved too' \
    "$("$WUFENG" check "$dir/grids.geojson" --allowed-gaps "$dir/allowed.geojson" -o "$dir/d.csv" >"$dir/out"; grep -c 'allowed *1 findings' "$dir/out")" 1
# Buildings: three people at a point inside the gap, 40 in a polygon there, one outside, one without a number.
building() { printf '{"type":"Feature","properties":{"population":%s},"geometry":{"type":"%s","coordinates":%s}}' "$1" "$2" "$3"; }
printf '{"type":"FeatureCollection",%s,"features":[%s,%s,%s,%s]}' "$crs" \
    "$(building 3 Point "$(mercator '108.815 37.615')")" \
    "$(building 40 Polygon "[[$(mercator '108.812 37.612 108.814 37.612 108.814 37.614 108.812 37.612')]]")" \
    "$(building 500 Point "$(mercator '108.805 37.605')")" \
    "$(building null Point "$(mercator '108.815 37.616')")" >"$dir/homes.geojson"
printf 'event_id,lon,lat\n1,108.805,37.605\n2,108.816,37.612\n' >"$dir/incidents.csv"
printf 'job: beside\ngrids: {source: grids.geojson, population: homes.geojson, outline: null}\nincidents: [{source: incidents.csv}]\nrepair: {mode: off}\npublish: {dir: runs, queries: %s/queries, crs: auto, points: never}\n' "$PWD" >"$dir/job.yaml"
"$WUFENG" run "$dir/job.yaml" -q --date 2025-01-31
is 'people of the buildings in the gap, and the incident there' \
    "$? $(awk -F, '$3 == "G03" {print $14, $15, $5}' "$dir/runs/beside/latest/defects.csv")" '1 1 43 serious'
is 'the manifest names the buildings' "$(grep -c '"path".*homes.geojson' "$dir/runs/beside/latest/manifest.json")" 1
for bad in 'repair.mode=apply:takes off' 'publish.points=always:takes never' 'publish.crs=EPSG:3857:takes auto'; do
    is "${bad%%:*} is not known yet" "$("$WUFENG" run "$dir/job.yaml" --set "${bad%:*}" 2>&1 | grep -c "${bad##*:}")" 1
done
printf '{"type":"FeatureCollection","features":[%s]}' "$(building 3 Point '[108.8,37.6]' | sed 's/population/inhabitants_x/')" >"$dir/homes.geojson"
is 'buildings without a number of people' "$("$WUFENG" run "$dir/job.yaml" 2>&1 | grep -c 'no population column found; the columns are: inhabitants_x')" 1
exit $status
