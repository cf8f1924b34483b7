#!/usr/bin/env bash
# The real inputs: known facts of their publishers come out, bytes do not depend on the threads, rows are all there.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
L=geodata/lancashire S=geodata/shaanxi

out=$("$WUFENG" tally $S/grids.geojson $S/incidents.csv --json -o "$dir/s.csv")
is 'shaanxi accounts: 2,144 of 2,157 in their county, 13 where there is no fence, none elsewhere' "$out" \
    '{"read": 2157, "assigned": 2144, "boundary": 0, "overlap": 0, "outside": 13, "rejected": 0, "duplicates": 0, "out_of_period": 0, "labelled": 2144, "agree": 2144}'
is 'every reject is listed' "$(($(wc -l <"$dir/s.rejects.csv") - 1))" 13
is 'the province sums its cities' "$(awk -F, '$3 == 1 {print $11}' "$dir/s.csv")" "$(awk -F, '$3 == 1 {u = $22} $3 == 2 {n += $11} END {print n + u}' "$dir/s.csv")"

"$WUFENG" check $S/grids.geojson --at-level 3 --json -o "$dir/s.geojson" >"$dir/check.json"
is 'shaanxi is not seamless' $? 1
is 'gaps of Ansai and Huxian with their neighbours' \
    "$(grep -cE '"grid_codes": "(610602;610623;610625;610627;610824|610116;610124;610402;610481;610923)"' "$dir/s.geojson")" 2

out=$("$WUFENG" tally $L/grids.geojson $L/incidents.tab --grid lsoa_code --json -o "$dir/l.csv")
is 'lancashire agrees with the publisher on 53,884 rows' "$(grep -o '"agree": [0-9]*' <<<"$out")" '"agree": 53884'
for n in 1 2 8; do
    "$WUFENG" assign $L/grids.geojson $L/incidents.tab --grid lsoa_code --threads $n -q -o "$dir/a$n.csv"
done
is 'the same bytes with 1, 2 and 8 threads' "$(cat "$dir"/a?.csv | wc -c) $(sha256sum "$dir"/a?.csv | cut -c1-64 | sort -u | wc -l)" \
    "$((3 * $(wc -c <"$dir/a1.csv"))) 1"
is 'assign keeps every row in order' "$(cut -f1-5 "$dir/a1.csv" | sha256sum)" "$(cut -f1-5 $L/incidents.tab | sed 's/\r$//' | sha256sum)"
"$WUFENG" check $L/grids.geojson --at-level 4 -q -o "$dir/d.csv"
is 'lancashire is seamless at the floor' $? 0

# GCJ-02: grids in GCJ-02, the same points moved to BD-09 and named so must fall where they fell.
printf 'id,lon,lat\n1,108.79,37.6\n2,0,0\n3,,37\n4,37.6,108.79\n1,108.79,37.6\n5,x,37\n6,100,37\n' >"$dir/bad.csv"
square='{"type":"Polygon","coordinates":[[[108.785,37.595],[108.7925,37.595],[108.7925,37.605],[108.785,37.605],[108.785,37.595]]]}'
printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"grid_code":"0110101"},"geometry":%s}]}' "$square" >"$dir/one.geojson"
out=$("$WUFENG" tally "$dir/one.geojson" "$dir/bad.csv" --id id --json -o "$dir/b.csv")
is 'each bad row has its account' "$out" \
    '{"read": 7, "assigned": 2, "boundary": 0, "overlap": 0, "outside": 1, "rejected": 3, "duplicates": 1, "out_of_period": 0, "labelled": 0, "agree": 0}'
is 'each bad row has its rule' "$(awk -F, 'NR > 1 {print $2 $3}' "$dir/b.rejects.csv" | tr '\n' ' ')" '2I02 3I01 5I08 6I17 7I06 '
is 'codes stay text' "$(awk -F, 'NR == 2 {print $1}' "$dir/b.csv")" '0110101'
printf 'id,lon,lat\n1,108.795001133888,37.600567038033\n' >"$dir/gcj.csv"
printf 'id,lon,lat\n1,108.801596974372,37.606341820865\n' >"$dir/bd.csv"
for s in gcj:GCJ-02 bd:BD-09; do
    out=$("$WUFENG" tally "$dir/one.geojson" "$dir/${s%:*}.csv" --crs "${s#*:}" --json -o "$dir/c.csv")
    is "${s#*:} is moved back" "$(grep -o '"assigned": 1' <<<"$out")" '"assigned": 1'
    out=$("$WUFENG" tally "$dir/one.geojson" "$dir/${s%:*}.csv" --json -o "$dir/c.csv")
    is "unmoved ${s#*:} falls outside" "$(grep -o '"assigned": 0' <<<"$out")" '"assigned": 0'
done

# The province is not filled at Shenmu (on the rim) either.
province=$(sed -n '/"grid_code": "610000"/p' $S/grids.geojson)
printf '{"type":"FeatureCollection","features":[%s]}' "${province%,}" >"$dir/p.geojson"
"$WUFENG" check $S/grids.geojson --at-level 3 --outline "$dir/p.geojson" -q -o "$dir/o.csv"
is 'the gap at Shenmu reaches the outline' "$(awk -F, '$3 == "G04" && $11 > 7e9 {n++} END {print n + 0}' "$dir/o.csv")" 1

# The same rows in every encoding give the same load.
printf '\xef\xbb\xbf事件编号,经度,纬度,地址\r\n1,108.79,37.6,\"张家畔,街道\"\r\n2,108.70,37.6,界外\r\n' >"$dir/u.csv"
tail -c +4 "$dir/u.csv" | iconv -f UTF-8 -t GB18030 >"$dir/g.csv"
{ printf '\xff\xfe'; tail -c +4 "$dir/u.csv" | iconv -f UTF-8 -t UTF-16LE; } >"$dir/w.csv"
for e in u g w; do "$WUFENG" tally "$dir/one.geojson" "$dir/$e.csv" -q -o "$dir/enc_$e.csv"; done
is 'UTF-8, GB18030 and UTF-16 give the same bytes' "$(sha256sum "$dir"/enc_[ugw].csv | cut -c1-64 | sort -u | wc -l) $(awk -F, 'NR == 2 {print $11}' "$dir/enc_g.csv")" '1 1'
printf 'id,lon,lat\n1,\xff\xff,3\n' >"$dir/n.csv"
is 'no encoding at all names the byte' "$("$WUFENG" tally "$dir/one.geojson" "$dir/n.csv" -o "$dir/n.out.csv" 2>&1 | grep -c 'byte 13 is neither')" 1
exit $status
