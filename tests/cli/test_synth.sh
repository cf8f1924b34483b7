#!/usr/bin/env bash
# Synthetic plans: seamless in every format, the same from the same seed; a changed file is caught.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
"$WUFENG" synth seeds/jingbian.yaml -q -o "$dir/a"
is 'synth succeeds' $? 0
"$WUFENG" synth seeds/jingbian.yaml -q -o "$dir/b"
is 'the same seed gives the same GeoJSON' "$(sha256sum <"$dir/a/grids.geojson")" "$(sha256sum <"$dir/b/grids.geojson")"
for f in gpkg geojson; do
    out=$("$WUFENG" check "$dir/a/grids.$f" --outline "$dir/a/outline.geojson" --json -o "$dir/clean.csv")
    # Households are drawn without a band: G12 is no defect of the plan's making.
    is "$f is seamless strictly, on every level, against its outline" "$? $(grep -oE '"verdict_strict": [^,}]*|"grids": [0-9]+' <<<"$out" | tr '\n' ' ')$(grep -cvE 'G12|defect_id' "$dir/clean.csv")" \
        '0 "verdict_strict": "seamless" "grids": 2127 0'
done
# What is planted comes out of each file format, finding by finding: rule, codes (ascending) and area to 0.01 m².
sorted() { awk -F, -v r="$1" -v c="$2" -v a="$3" 'NR > 1 {n = split($c, code, ";"); for (i = 2; i <= n; i++) for (j = i; j > 1 && code[j - 1] > code[j]; j--) {t = code[j]; code[j] = code[j - 1]; code[j - 1] = t}; line = code[1]; for (i = 2; i <= n; i++) if (code[i] != code[i - 1]) line = line ";" code[i]; print $r, line, $a == "" ? "" : sprintf("%.2f", $a)}' "$4" | sort; }
for f in gpkg geojson; do
    for level in 4 5; do
        "$WUFENG" check "$dir/a/grids_defects.$f" --at-level $level -q -o "$dir/found.csv"
        { head -1 "$dir/a/truth_findings.csv"; awk -F, -v l=$level '$4 == l && $3 != "G05"' "$dir/a/truth_findings.csv"; } >"$dir/truth.csv"
        sorted 3 5 6 "$dir/truth.csv" >"$dir/want"
        # Of the households outside their band those that were planted: the others are in the clean plan too.
        sorted 3 7 11 "$dir/found.csv" | grep -vxF -f <(sorted 3 7 11 "$dir/clean.csv" | grep '^G12 ') >"$dir/got"
        is "$f level $level: the planted truth, finding by finding" "$(diff "$dir/want" "$dir/got" | grep -c '^[<>]') of $(($(wc -l <"$dir/want") > 60))" '0 of 1'
    done
done
# The second plan is seamless too, and its crosswalk shares out every grid of both plans to the last square metre.
"$WUFENG" check "$dir/a/grids_v2.gpkg" --outline "$dir/a/outline.geojson" --floor 0 --json -o "$dir/v2.csv" >"$dir/v2.json"
is 'the second plan is seamless strictly' "$(grep -o '"verdict_strict": "[a-z_]*"' "$dir/v2.json")" '"verdict_strict": "seamless"'
areas() { # areas GEOJSON: code and area of the grids on level 4
    grep -oE '"grid_code": "[^"]*"|"level": [0-9]|"area_m2": [0-9.]+' "$1" | awk -F': ' '
        $1 ~ /code/ {code = $2; gsub(/"/, "", code)} $1 ~ /level/ {level = $2} $1 ~ /area/ && level == 4 {print code, $2}'
}
shared() { awk -F, -v c="$1" 'NR > 1 && $c != "" {a[$c] += $4} END {for (k in a) printf "%s %.2f\n", k, a[k]}' "$dir/a/truth_crosswalk.csv"; }
for side in "1 grids.geojson" "2 grids_v2.geojson"; do
    set -- $side
    is "the crosswalk fills every grid of $2" "$(join <(shared "$1" | sort) <(areas "$dir/a/$2" | sort) |
        awk '{d = $2 - $3; if (d * d > 1) bad++; n++} END {print (n > 290), bad + 0}')" '1 0'
done
is 'the crosswalk tells every kind of change' "$(cut -d, -f3 "$dir/a/truth_crosswalk.csv" | sort -u | grep -c -E '保留|合并|拆分|撤销|新增|更名|边界微调')" 7
# Move one coordinate by one unit of its last digit: the check must see it.
victim=$(grep -oE '\[ 108\.80[0-9]{5}, 37\.5[0-9]{6} \]' "$dir/a/grids.geojson" | sort | uniq -c | awk '$1 == 4 {print $3, $4; exit}')
moved=$(awk '{x = $1; sub(/,/, "", x); printf "%.7f, %s", x + 1e-7, $2}' <<<"$victim")
awk -v from="[ $victim ]" -v to="[ $moved ]" '!done && (at = index($0, from)) {$0 = substr($0, 1, at - 1) to substr($0, at + length(from)); done = 1} {print}' \
    "$dir/a/grids.geojson" >"$dir/moved.geojson"
is 'a vertex moved by 1e-7 degrees is found' "$(cmp -s "$dir/a/grids.geojson" "$dir/moved.geojson"; echo $?) $("$WUFENG" check "$dir/moved.geojson" --json | grep -o '"verdict_strict": "[a-z_]*"')" \
    '1 "verdict_strict": "not_seamless"'
printf 'seed: 1\nlevles: {units: 9}\n' >"$dir/bad.yaml"
is 'an unknown key names its place and the nearest' "$("$WUFENG" synth "$dir/bad.yaml" -o "$dir/c" 2>&1 | sed 's/.*bad.yaml/bad.yaml/'; test -e "$dir/c"; echo $?)" \
    'bad.yaml: line 2, column 10: unknown key "levles.units": did you mean levels.units?
1'
printf 'seed: 7\n' >"$dir/seven.yaml"
out=$("$WUFENG" synth "$dir/seven.yaml" --grids 40 -o "$dir/d" && "$WUFENG" check "$dir/d/grids.gpkg" --at-level 4 --json)
is 'another size and seed is seamless too' "$(grep -oE '"(verdict_strict)": [^,}]*|"grids": [0-9]*' <<<"$out" | tr '\n' ' ')" '"verdict_strict": "seamless" "grids": 40 '
exit $status
