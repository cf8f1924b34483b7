#!/usr/bin/env bash
# Plans whose levels are not what they seem, and jobs that ask for a level there is not.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
# A row of grids 0.01° wide from 108.00 on; LEVELS gives the level of each.
plan() { # plan LEVEL...
    local i=0 features=() w e
    for level in "$@"; do
        w=$(printf '108.%02d' $i) e=$(printf '108.%02d' $((i + 1)))
        features+=("$(printf '{"type":"Feature","properties":{"grid_code":"G%03d","level":"%s"},"geometry":{"type":"Polygon","coordinates":[[[%s,37],[%s,37],[%s,37.01],[%s,37.01],[%s,37]]]}}' $i "$level" $w $e $e $w $w)")
        i=$((i + 1))
    done
    printf '{"type":"FeatureCollection","features":[%s]}' "$(IFS=,; echo "${features[*]}")"
}
repeat() { for _ in $(seq "$2"); do echo "$1"; done; }
{ echo id,lon,lat; for i in $(seq 0 39); do printf '%d,108.%02d5,37.005\n' $i $i; done; } >"$dir/i.csv"
counts() { grep -oE '"(assigned|outside)": [0-9]+' <<<"$1" | tr -d '"' | tr '\n' ' '; }
tally() { "$WUFENG" tally "$1" "$dir/i.csv" --json -o "$dir/t.csv"; }

plan $(repeat 4 20) 9 $(repeat 4 19) >"$dir/one.geojson"
out=$(tally "$dir/one.geojson")
is 'a lone level is not the finest' "$(counts "$out")" 'assigned: 39 outside: 1 '
is 'and a notice names its grid' "$(grep -c 'level 9 holds 1 grid beside 39 of level 4: G020; is the level right' <<<"$out")" 1
plan $(repeat 4 37) 5 5 5 >"$dir/few.geojson"
is 'nor are three of forty' "$(counts "$(tally "$dir/few.geojson")")" 'assigned: 37 outside: 3 '
plan $(repeat 4 20) $(repeat 5 20) >"$dir/half.geojson"
out=$(tally "$dir/half.geojson")
is 'a level that fills half is the finest' "$(counts "$out")$(grep -c notices <<<"$out")" 'assigned: 20 outside: 20 0'
plan $(repeat 4 28) $(repeat 5 12) >"$dir/part.geojson"
is 'one that fills less is so with a notice' "$(tally "$dir/part.geojson" | grep -c 'level 5 fill 43 % of those of level 4')" 1
plan 四级 L4 4.0 ４ "" 网格 第4级 $(repeat 4 33) >"$dir/forms.geojson"
out=$(tally "$dir/forms.geojson")
is 'levels in many forms, two of them unread' "$(counts "$out")" 'assigned: 38 outside: 2 '
is 'say which' "$(grep -c 'level of 2 of 40 grids is missing or cannot be read, first of grid G003 (feature 3): \\"４\\"' <<<"$out")" 1
"$WUFENG" check "$dir/forms.geojson" -q -o "$dir/d.csv"
is 'and are G09 for the check' "$(grep -c 'G09,level cannot be read,information' "$dir/d.csv")" 2
plan $(repeat 0 40) >"$dir/none.geojson"
out=$(tally "$dir/none.geojson")
is 'a plan without levels is one level' "$(counts "$out")$(grep -c notices <<<"$out")" 'assigned: 40 outside: 0 0'

printf 'job: x\ngrids: {source: one.geojson}\nincidents: [{source: i.csv}]\nload:\n  level: 3\npublish: {dir: out, queries: %s/queries}\n' "$PWD" >"$dir/job.yaml"
run() { "$WUFENG" run "$dir/job.yaml" --progress off --date 2025-01-31 "$@" 2>&1; }
out=$(run)
is 'a level without grids' "$? $(grep -c 'job.yaml: line 5, column 3: load.level: there are no grids of level 3 in .*one.geojson; the levels are: 4$' <<<"$out")" '2 1'
out=$(run --set load.level=9)
is 'so one of a stray grid, by --set' "$? $(grep -c -- '--set load.level=9: load.level: there are no grids of level 9' <<<"$out")" '2 1'
out=$(run --set load.levl=4)
is 'a wrong key of --set' "$? $(grep -c -- '--set load.levl=4: unknown key "load.levl": did you mean load.level?' <<<"$out")" '2 1'
out=$(run --set load.level=four)
is 'a wrong value of --set' "$? $(grep -c -- '--set load.level=four: load.level takes a number' <<<"$out")" '2 1'
out=$(run --set load.level=4)
is 'the right one' "$? $(grep -c '^notice    G09 .*level 9' <<<"$out") $(grep -c '"rule": "G09", "text": ".*level 9' "$dir/out/x/latest/manifest.json")" '0 1 1'
exit $status
