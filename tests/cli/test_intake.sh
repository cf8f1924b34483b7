#!/usr/bin/env bash
# Damaged and unusual incident files: broken bytes, quotes that never close, systems that do not fit, empty sources.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
feature() { printf '{"type":"Feature","properties":{"grid_code":"%s","level":%s,"parent_code":"610824001"},"geometry":{"type":"Polygon","coordinates":[[[%s,37.59],[%s,37.59],[%s,37.61],[%s,37.61],[%s,37.59]]]}}' "$1" "${4:-4}" "$2" "$3" "$3" "$2" "$2"; }
printf '{"type":"FeatureCollection","features":[%s,%s]}' "$(feature 610824001003001 108.78 108.79)" "$(feature 610824001003002 108.79 108.80)" >"$dir/g.geojson"
tally() { "$WUFENG" tally "$dir/g.geojson" "$@" -o "$dir/t.csv"; }
account() { grep -oE "\"$1\": [0-9]+" <<<"$2" | tr -d '"' | tr '\n' ' '; }
remarks() { tail -n +2 "$dir/t.$1.csv" | awk -F, '{print $2 $3}' | tr '\n' ' '; }
expect() { # expect NAME CODE PATTERN COMMAND...: one line, an exit code, no output
    local name=$1 code=$2 pattern=$3 out got
    shift 3
    out=$("$@" 2>&1 >/dev/null)
    got=$?
    is "$name" "$got $(grep -cE "$pattern" <<<"$out") $(wc -l <<<"$out")" "$code 1 1"
}

# ---- broken bytes
{ echo '事件编号,经度,纬度,地址'; for i in $(seq 100); do echo "$i,108.785,37.6,张家畔街道$i"; done; } >"$dir/u.csv"
LC_ALL=C sed '8s/张家畔/张家\xe7\x95/; 9s/108.785/108.7\xe5\x9c85/' "$dir/u.csv" >"$dir/b.csv"
out=$(tally "$dir/b.csv" --json)
is 'a broken byte leaves UTF-8 what it is' "$(account '(read|assigned|rejected)' "$out")$(remarks flags)$(remarks rejects)" 'read: 100 assigned: 99 rejected: 1 7I15 8I15 '
is 'and is said to be UTF-8' "$(tally "$dir/b.csv" | grep -c 'UTF-8')" 1
{ printf '\xef\xbb\xbf'; cat "$dir/b.csv"; } >"$dir/bom.csv"
out=$(tally "$dir/bom.csv" --json)
is 'so it is behind a byte order mark' "$(account '(read|assigned|rejected)' "$out")$(remarks flags)$(remarks rejects)" 'read: 100 assigned: 99 rejected: 1 7I15 8I15 '
"$WUFENG" assign "$dir/g.geojson" "$dir/b.csv" -q -o "$dir/a.csv"
is 'what is written is UTF-8 with U+FFFD in its place' "$(iconv -f UTF-8 -t UTF-8 "$dir/a.csv" | sed -n 8p)" '7,108.785,37.6,张家�街道7,610824001003001,inside,'
iconv -f UTF-8 -t GB18030 "$dir/u.csv" | LC_ALL=C sed '8s/,[^,]*$/,\xff&/' | LC_ALL=C sed '8s/,\xff,/,\xff/' >"$dir/gb.csv"
out=$(tally "$dir/gb.csv" --json)
is 'a broken byte leaves GB18030 what it is' "$(account '(read|assigned)' "$out")$(remarks flags)" 'read: 100 assigned: 100 7I15 '
{ echo id,lon,lat,note; for i in $(seq 300); do echo "$i,108.785,37.6,note"; done; } | LC_ALL=C sed '8s/note/no\xff/' >"$dir/as.csv"
out=$(tally "$dir/as.csv" --json)
is 'a broken byte in a file of ASCII' "$(account '(read|assigned)' "$out")$(remarks flags)" 'read: 300 assigned: 300 7I15 '

# ---- quotes that never close
{ echo 'id,lon,lat,note'; for i in $(seq 60000); do echo "$i,108.785,37.6,note $i"; done; } >"$dir/plain.csv"
sed '11s/note 10/"open/' "$dir/plain.csv" >"$dir/open.csv"
out=$(tally "$dir/open.csv" --json)
is 'an open quote costs its row' "$(account '(read|assigned|rejected)' "$out")$(remarks rejects)" 'read: 60000 assigned: 59999 rejected: 1 10I17 '
# With quoted fields behind it, two lines of them closed on a later line, and once more in the last row.
sed '11s/note 10/"open/; 13s/note 12/"quoted, 12"/; 20s/note 19/"two\nlines"/; 40000s/note 39999/"a ""word""\n\nand more"/; 60001s/note 60000/"open/; 30000s/,108/,"108/' "$dir/plain.csv" >"$dir/open.csv"
out=$(tally "$dir/open.csv" --json)
is 'and none of the others' "$(account '(read|assigned|rejected)' "$out")$(remarks rejects)" 'read: 60000 assigned: 59997 rejected: 3 10I17 29999I17 60000I17 '
for n in 1 2 8; do
    tally "$dir/open.csv" --threads $n --json >"$dir/t$n.json"
    "$WUFENG" assign "$dir/g.geojson" "$dir/open.csv" --threads $n -q -o "$dir/o$n.csv"
    cat "$dir/t.csv" "$dir/t.rejects.csv" "$dir/t.flags.csv" "$dir/t$n.json" "$dir/o$n.csv" | sha256sum
done >"$dir/sums"
is 'threads do not matter' "$(sort -u "$dir/sums" | wc -l)" 1
is 'the row is written so that its columns stand below their names' "$(sed -n 11,12p "$dir/o1.csv")" '10,108.785,37.6,"""open",,rejected,I17
11,108.785,37.6,note 11,610824001003001,inside,'

# ---- sources with nothing to place, and sources met before
printf 'id,lon,lat\n1,,\n2,0,0\n3,x,y\n' >"$dir/nowhere.csv"
printf 'id,lon,lat\n' >"$dir/header.csv"
printf '1,108.785,37.6\n' | sed '1i id,lon,lat' >"$dir/one.csv"
rm -f "$dir/none.csv"
expect 'no row with coordinates' 3 'nowhere.csv: none of 3 rows has usable coordinates in columns "lon" and "lat": name' "$WUFENG" tally "$dir/g.geojson" "$dir/nowhere.csv" -o "$dir/none.csv"
expect 'so for assign' 3 'nowhere.csv: none of 3 rows' "$WUFENG" assign "$dir/g.geojson" "$dir/nowhere.csv" -o "$dir/none.csv"
expect 'a header alone' 3 'header.csv: there are no rows' "$WUFENG" tally "$dir/g.geojson" "$dir/header.csv" -o "$dir/none.csv"
is 'nothing is written' "$(find "$dir" -name '*none*' | wc -l)" 0
job() { printf 'job: x\ngrids: {source: g.geojson}\nincidents: [%s]\npublish: {dir: out, queries: %s/queries}\n' "$1" "$PWD" >"$dir/job.yaml"; "$WUFENG" run "$dir/job.yaml" --progress off --date 2025-01-31 2>&1; }
out=$(job '{source: header.csv}, {source: one.csv}, {source: nowhere.csv}')
is 'beside another source they are notices' "$? $(grep '^notice' <<<"$out" | tr -s ' ' | tr '\n' '|')" \
    '0 notice header.csv: there are no rows|notice I01 nowhere.csv: none of 3 rows has usable coordinates in columns "lon" and "lat"|'
is 'in the manifest too' "$(grep -c '"text": "header.csv: there are no rows"' "$dir/out/x/latest/manifest.json")" 1
before=$(sha256sum "$dir"/out/x/latest/*)
out=$(job '{source: header.csv}, {source: nowhere.csv}')
is 'without one row the run ends and changes nothing' "$? $(grep -c 'header.csv: there are no rows' <<<"$out") $([ "$before" = "$(sha256sum "$dir"/out/x/latest/*)" ] && echo same)" '3 1 same'
{ echo event_id,lon,lat; for i in $(seq 100); do echo "$i,108.785,37.6"; done; } >"$dir/first.csv"
{ echo event_id,lon,lat; for i in $(seq 51 150); do echo "$i,108.785,37.6"; done; } >"$dir/second.csv"
{ echo event_id,lon,lat; for i in $(seq 52 61) $(seq 200 209) 300; do echo "$i,108.785,37.6"; done; } >"$dir/third.csv"
is 'half a source met before is a notice' "$(job '{source: first.csv}, {source: second.csv}, {source: third.csv}' | grep '^notice' | tr -s ' ')" \
    'notice I08 second.csv: 50 of 100 rows (50 %) have ids of first.csv: is it the same export twice?'

# ---- delimiters and headers of what assign writes
printf '{"type":"FeatureCollection","features":[%s,%s]}' "$(feature 'A;1' 108.78 108.79)" "$(feature 'B,2' 108.79 108.80)" >"$dir/signs.geojson"
printf 'id;lon;lat\n1;108.785;37.6\n2;108.795;37.6\n' >"$dir/semi.csv"
"$WUFENG" assign "$dir/signs.geojson" "$dir/semi.csv" -q -o "$dir/a.csv"
is 'codes are quoted by the delimiter of the file' "$(tr '\n' '|' <"$dir/a.csv")" 'id;lon;lat;grid_code;placed;rule|1;108.785;37.6;"A;1";inside;|2;108.795;37.6;B,2;inside;|'
printf '1,108.785,37.6\n2,108.795,37.6\n' >"$dir/bare.csv"
"$WUFENG" assign "$dir/g.geojson" "$dir/bare.csv" --no-header --x 2 --y 3 --id 1 -q -o "$dir/a.csv"
is 'no header in, none out' "$(tr '\n' '|' <"$dir/a.csv")" '1,108.785,37.6,610824001003001,inside,|2,108.795,37.6,610824001003002,inside,|'

# ---- categories
awk 'BEGIN {print "id,lon,lat,category"; for (i = 0; i < 70000; i++) printf "%d,108.785,37.6,K%d\n", i, i}' >"$dir/many.csv"
head -6001 "$dir/many.csv" >"$dir/some.csv"
out=$(tally "$dir/many.csv" --category category --json)
is 'categories that nobody asked for are not counted' "$(account '(read|assigned)' "$out")$(tail -n +2 "$dir/t.flags.csv" | cut -d, -f3 | sort | uniq -c | tr -s ' ' | tr '\n' ' ')" 'read: 70000 assigned: 70000  70000 I07 '
tally "$dir/some.csv" --category category --by category -q
is 'six thousand categories' "$(grep -c ',category,K' "$dir/t.by.csv")" 6000
expect 'over 65,536 of them' 5 'many.csv: column "category" holds over 65536 different categories.*--category' tally "$dir/many.csv" --category category --by category

# ---- degrees on projected grids
printf 'id,lon,lat\n1,108.785,37.6\n2,108.795,37.6\n3,108.7951,37.5999\n4,37.6,108.795\n5,0,0\n' >"$dir/p.csv"
if command -v ogr2ogr >/dev/null; then
    ogr2ogr -t_srs EPSG:4527 "$dir/gk.gpkg" "$dir/g.geojson" 2>/dev/null
    out=$("$WUFENG" tally "$dir/gk.gpkg" "$dir/p.csv" --json -o "$dir/t.csv")
    is 'degrees on Gauss-Krueger grids' "$(account '(read|assigned|outside)' "$out")$(remarks flags)$(remarks rejects)" 'read: 5 assigned: 4 outside: 0 4I03 5I02 '
    is 'are a notice' "$(grep -o '"rule": "C01", "text": "p.csv: no system is stated and 4 of 4 rows looked at hold degrees, while the grids are in EPSG:4527' <<<"$out" | wc -l) $("$WUFENG" tally "$dir/gk.gpkg" "$dir/p.csv" -o "$dir/t.csv" | grep -c '^notice   C01 p.csv')" '1 1'
    "$WUFENG" tally "$dir/gk.gpkg" "$dir/p.csv" -q -o "$dir/t1.csv"
    "$WUFENG" tally "$dir/g.geojson" "$dir/p.csv" -q -o "$dir/t2.csv"
    is 'and fall where they fall on the same grids in degrees' "$(cut -d, -f1,11 "$dir/t1.csv" | sha256sum)" "$(cut -d, -f1,11 "$dir/t2.csv" | sha256sum)"
    head -4 "$dir/p.csv" >"$dir/p3.csv"
    ogr2ogr -f CSV -oo X_POSSIBLE_NAMES=lon -oo Y_POSSIBLE_NAMES=lat -s_srs EPSG:4490 -t_srs EPSG:4527 -lco GEOMETRY=AS_XY "$dir/m.csv" "$dir/p3.csv" 2>/dev/null
    out=$("$WUFENG" tally "$dir/gk.gpkg" "$dir/m.csv" --x X --y Y --json -o "$dir/t.csv")
    is 'metres stay what they are, and nothing is swapped' "$(account '(read|assigned)' "$out")$(remarks flags)$(grep -c notices <<<"$out")" 'read: 3 assigned: 3 0'
    { cat "$dir/p.csv"; for i in $(seq 6 9); do echo "$i,39481000,4162300"; done; } >"$dir/mix.csv"
    expect 'half and half is refused' 2 'mix.csv: 4 of 8 rows looked at hold degrees.*--crs' "$WUFENG" tally "$dir/gk.gpkg" "$dir/mix.csv" -o "$dir/none.csv"
    { cat "$dir/p.csv"; for i in $(seq 6 99); do echo "$i,108.785,37.6"; done; echo 100,36569300,4162300; } >"$dir/few.csv"
    out=$("$WUFENG" tally "$dir/gk.gpkg" "$dir/few.csv" --crs EPSG:4490 --json -o "$dir/t.csv")
    is 'a value in no system of the source is rejected' "$(account '(read|assigned|rejected)' "$out")$(remarks rejects)" 'read: 100 assigned: 98 rejected: 2 5I02 100I05 '
    ogr2ogr -t_srs EPSG:27700 "$dir/bng.gpkg" geodata/lancashire/grids.geojson 2>/dev/null
    out=$("$WUFENG" tally "$dir/bng.gpkg" geodata/lancashire/incidents.tab --grid lsoa_code --json -o "$dir/t.csv")
    is 'degrees on the British grid' "$(grep -o '"agree": [0-9]*' <<<"$out") $(grep -c C01 <<<"$out")" '"agree": 53884 1'
else
    echo 'ok projected grids (skipped: needs ogr2ogr of gdal-bin)'
fi
exit $status
