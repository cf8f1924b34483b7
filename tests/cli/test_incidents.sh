#!/usr/bin/env bash
# What a row can be: every form, system, time and remark, on one hand-made plan of two grids.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
feature() { printf '{"type":"Feature","properties":{"grid_code":"%s","level":4,"parent_code":"610824001"},"geometry":{"type":"Polygon","coordinates":[[[%s,37.59],[%s,37.59],[%s,37.61],[%s,37.61],[%s,37.59]]]}}' "$1" "$2" "$3" "$3" "$2" "$2"; }
printf '{"type":"FeatureCollection","features":[%s,%s]}' "$(feature 610824001003001 108.78 108.79)" "$(feature 610824001003002 108.79 108.80)" >"$dir/g.geojson"

cat >"$dir/rows.csv" <<'CSV'
事件编号,问题来源,坐标系,经度,纬度,小类代码,上报时间,结案时间,登记网格
1,a,,108.785,37.6,A01,2025-03-01 08:05:00,2025-03-02 08:00:00,610824001003001
2,a,,37.6,108.785,A01,2025/3/1 8:05,,610824001003002
3,a,,108°47'06",37°36'00",A02,20250301,,
4,a,,５６９３００,４１６２３００,A01,2025-03-01,,610824001003999
5,a,,4162300,36569300,A01,2025-03-01,,
6,a,,569300,4262300,A01,2025-03-01,,
7,a,,108.79,37.6,X99,2025-03-01 08:05:00,2025-02-01,
8,a,,108.785,37.6,,2099-01-01,,
9,a,,108.785,37.6,A01,2024-12-31 23:59:59,,
6.10824E+17,a,,108.785,37.6,A01,无,,第1网格
6.10824E+17,a,,108.785,37.6,A01,,,
10,热线,GCJ-02,108.790001133888,37.600567038033,A01,2025-03-01,,
11,热线,BD-09,108.796596974372,37.606341820865,A01,2025-03-01,,
12,热线,,108.790001133888,37.600567038033,A01,2025-03-01,,
1,a,,108.795,37.6,A01,2025-03-01,,
13,a,,108.785,37.6,A01,2025-03-01,,锟斤拷
CSV
printf '经度,纬度\n1e300,37.6\n1e300,1e300\n108.785,37.6\n' >"$dir/far.csv"
is 'values beyond any zone' "$("$WUFENG" tally "$dir/g.geojson" "$dir/far.csv" --json -o "$dir/t.csv" | cut -d, -f1-6)" '{"read": 3, "assigned": 1, "boundary": 0, "overlap": 0, "outside": 0, "rejected": 2'
out=$("$WUFENG" tally "$dir/g.geojson" "$dir/rows.csv" --from 2025-01-01 --to 2025-12-31 --period month --date 2025-12-31 --by category,period,hour --json -o "$dir/t.csv")
is 'accounts of every kind of row' "$out" '{"read": 16, "assigned": 13, "boundary": 1, "overlap": 0, "outside": 0, "rejected": 1, "duplicates": 1, "out_of_period": 1, "labelled": 2, "agree": 1}'
is 'rejects' "$(tail -n +2 "$dir/t.rejects.csv" | cut -d, -f2,3 | tr '\n' ' ')" '6,I05 15,I08 '
is 'flags' "$(tail -n +2 "$dir/t.flags.csv" | cut -d, -f2,3 | tr '\n' ' ')" \
    '1,I09 2,I03 2,I09 2,I10 3,I04 4,I05 4,I11 5,I05 5,I09 7,I12 8,I13 10,I11 10,I16 11,I16 13,I09 14,C02 16,I09 16,I11 16,I15 '
is 'periods and hours' "$(grep -c ',period,2025-03,9$' "$dir/t.by.csv") $(grep -c ',period,unknown,3$' "$dir/t.by.csv") $(grep -c 'weekday hour,6 08,3$' "$dir/t.by.csv")" '1 1 1'
is 'the interval around a count' "$(awk -F, 'NR == 2 {print $11, $12, $13}' "$dir/t.csv")" '12 6.2 21.0'
"$WUFENG" assign "$dir/g.geojson" "$dir/rows.csv" --from 2025-01-01 --to 2025-12-31 --date 2025-12-31 -q -o "$dir/a.csv"
is 'assign agrees with tally' "$(tail -n +2 "$dir/a.csv" | awk -F, '{print $(NF - 1)}' | sort | uniq -c | tr -s ' \n' ' ')" ' 1 boundary 1 duplicate 12 inside 1 out_of_period 1 rejected '

# The same points in any system of PROJ and any format fall where they fell.
printf 'id,lon,lat\n1,108.785,37.6\n2,108.795,37.6\n3,108.7951,37.5999\n' >"$dir/p.csv"
"$WUFENG" tally "$dir/g.geojson" "$dir/p.csv" -q -o "$dir/p0.csv"
if command -v ogr2ogr >/dev/null; then
    for f in gpkg fgb geojson shp; do
        ogr2ogr -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat -a_srs EPSG:4490 "$dir/p.$f" "$dir/p.csv" 2>/dev/null
        "$WUFENG" tally "$dir/g.geojson" "$dir/p.$f" -q -o "$dir/p1.csv"
        is "points from $f" "$(sha256sum <"$dir/p1.csv")" "$(sha256sum <"$dir/p0.csv")"
    done
    ogr2ogr -lco GEOMETRY=AS_XY -f CSV -t_srs EPSG:4545 "$dir/q.csv" "$dir/p.gpkg" 2>/dev/null
    "$WUFENG" tally "$dir/g.geojson" "$dir/q.csv" --x X --y Y --crs EPSG:4545 -q -o "$dir/p1.csv"
    is 'points in Gauss-Krueger' "$(sha256sum <"$dir/p1.csv")" "$(sha256sum <"$dir/p0.csv")"
    ogr2ogr -t_srs EPSG:4545 "$dir/g.gpkg" "$dir/g.geojson" 2>/dev/null
    "$WUFENG" tally "$dir/g.gpkg" "$dir/p.csv" --crs EPSG:4490 -q -o "$dir/p1.csv"
    is 'grids in Gauss-Krueger' "$(cut -d, -f1,11 "$dir/p1.csv" | sha256sum)" "$(cut -d, -f1,11 "$dir/p0.csv" | sha256sum)"
else
    echo 'ok other formats (skipped: needs ogr2ogr of gdal-bin)'
fi
is 'a ballpark change is refused' "$("$WUFENG" tally "$dir/g.geojson" "$dir/p.csv" --crs EPSG:4610 -o "$dir/x.csv" 2>&1 | grep -c 'better than a ballpark'; ls "$dir" | grep -c '^x')" '1
0'
# 25 rows of four categories at one place are an office, 25 rows of two are not.
{ echo 'id,lon,lat,category_code'; for i in $(seq 25); do echo "$i,108.7811,37.6011,A0$((i % 4))"; echo "b$i,108.7911,37.6011,A0$((i % 2))"; done; } >"$dir/d.csv"
"$WUFENG" tally "$dir/g.geojson" "$dir/d.csv" -q -o "$dir/d1.csv"
is 'a default point is told' "$(awk -F, 'NR > 1 {print $14}' "$dir/d1.csv" | tr '\n' ' ')$(grep -c I07 "$dir/d1.flags.csv")" '25 0 25'
# The same report twice: not without a time or category, in another category, over 30 m or five days, of a row that is a
# duplicate, or at a default point; the earlier one may stand further down.
{
    echo event_id,lon,lat,category_code,report_time
    echo 1,108.785,37.600000,A,2025-03-01 08:00:00
    echo 2,108.785,37.600265,A,2025-03-06 08:00:00
    echo 3,108.785,37.600280,A,2025-02-28 08:00:00
    echo 4,108.785,37.600000,A,2025-03-11 08:00:01
    echo 5,108.785,37.600000,B,2025-03-01 08:00:00
    echo 6,108.785,37.600000,A,
    echo 7,108.785,37.600000,,2025-03-01 08:00:00
    echo 8,108.785,37.600000,,2025-03-01 08:00:00
    echo 5,108.785,37.600000,B,2025-03-02 08:00:00
    echo 9,108.785,37.600000,A,2025-02-25 08:00:00
    for i in $(seq 100 129); do echo "$i,108.7911,37.6011,D$((i % 3)),2025-03-01 08:00:00"; done
} >"$dir/n.csv"
"$WUFENG" tally "$dir/g.geojson" "$dir/n.csv" -q -o "$dir/n1.csv"
is 'a report made twice' "$(grep I09 "$dir/n1.flags.csv" | cut -d, -f2,4 | tr '\n' '|')" \
    '1,row 10 of n.csv: same category within 30 m and 5 days|2,row 1 of n.csv: same category within 30 m and 5 days|'
is 'counts all the same' "$(awk -F, 'NR == 2 {print $11}' "$dir/n1.csv")" 9
# Duplicates across more ids than any one partition holds; the bytes are the same with any number of threads.
awk 'BEGIN {print "id,lon,lat"; for (i = 0; i < 200000; i++) printf "%d,%.4f,37.6\n", i % 150000, 108.78 + (i * 7919 % 20000) / 1e6}' >"$dir/m.csv"
for n in 1 2 8; do "$WUFENG" tally "$dir/g.geojson" "$dir/m.csv" --id id --threads $n --json -o "$dir/m$n.csv" >"$dir/m$n.json"; done
is 'fifty thousand duplicates' "$(grep -o '"duplicates": [0-9]*' "$dir/m1.json") $(tail -n +2 "$dir/m1.rejects.csv" | head -1 | cut -d, -f2)" '"duplicates": 50000 150001'
is 'threads do not matter' "$(cat "$dir"/m[128].csv "$dir"/m[128].rejects.csv "$dir"/m[128].json | wc -c) $(sha256sum "$dir"/m[128].rejects.csv "$dir"/m[128].csv | cut -c1-64 | sort -u | wc -l)" \
    "$((3 * $(cat "$dir/m1.csv" "$dir/m1.rejects.csv" "$dir/m1.json" | wc -c))) 2"
printf 'id,lon,lng,纬度\n1,2,3,4\n' >"$dir/two.csv"
printf 'id,经度,lng,纬度\n1,2,3,4\n' >"$dir/amb.csv"
is 'the own name of a column is preferred' "$("$WUFENG" tally "$dir/g.geojson" "$dir/two.csv" -o "$dir/x.csv" | grep -c 'x = lon')" 1
is 'an ambiguous column is an error' "$("$WUFENG" tally "$dir/g.geojson" "$dir/amb.csv" -o "$dir/y.csv" 2>&1 | grep -c 'several columns could be lon.*--x.*经度, lng')" 1
# A table of GDAL's without geometry: here text with a NUL in it.
printf 'event_id,lon,lat,note\n1,108.785,37.6,a\0b\n2,108.795,37.6,c\n' >"$dir/nul.csv"
is 'a table without geometry' "$("$WUFENG" tally "$dir/g.geojson" "$dir/nul.csv" --json -o "$dir/t.csv" | cut -d, -f1,2)" '{"read": 2, "assigned": 2'
# A limit of the file size that only the last remarks of the temporary file are over: none may be lost.
awk 'BEGIN {print "经度,纬度,登记网格"; for (i = 0; i < 4500; i++) print ",,\n108.785,37.6,z"}' >"$dir/r"
is 'remarks that find no room' "$(ulimit -f 210; "$WUFENG" tally "$dir/g.geojson" "$dir/r" -o "$dir/none.csv" 2>&1 | grep -c 'is the disk full'; echo "${PIPESTATUS[0]}"; ls -A "$dir" | grep -cE 'none|part')" "$(printf '1\n4\n0')"
# An overlay on a level of its own is no level to place on; grids that share one code are one to who recorded it.
feature5() { feature "$1" "$2" "$3" | sed "s/\"level\":4/\"level\":$4,\"coverage_role\":\"$5\"/"; }
printf '{"type":"FeatureCollection","features":[%s,%s,%s]}' "$(feature5 A 108.78 108.79 4 partition)" "$(feature5 A 108.79 108.80 4 partition)" "$(feature5 S 108.78 108.785 5 overlay)" >"$dir/over.geojson"
printf '经度,纬度,登记网格\n108.783,37.6,A\n108.795,37.6,A\n' >"$dir/two.csv"
is 'an overlay takes no incidents, twins of a code agree' "$("$WUFENG" tally "$dir/over.geojson" "$dir/two.csv" --json -o "$dir/t.csv")" \
    '{"read": 2, "assigned": 2, "boundary": 0, "overlap": 0, "outside": 0, "rejected": 0, "duplicates": 0, "out_of_period": 0, "labelled": 2, "agree": 2}'
"$WUFENG" assign "$dir/over.geojson" "$dir/two.csv" -q -o "$dir/a.csv"
is 'the finest level is that of the partition' "$(head -1 "$dir/a.csv")" '经度,纬度,登记网格,grid_code,placed,rule'
exit $status
