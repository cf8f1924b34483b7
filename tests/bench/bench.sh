#!/usr/bin/env bash
# Measure the promises about speed against peers in the same run, on the same files, and print a table. A missed target is
# printed as missed; only a wrong result is a failure. Data stay under BUILD/bench and are used again.
#
#   BENCH_ROWS    rows of the larger CSV (5000000; the smaller has a fifth)
#   BENCH_GRIDS   grids of the plan to check (100000)
#   BENCH_ROUNDS  how often each tally is measured (5; checks a little over half as often)
set -u
build=$1
rows=${BENCH_ROWS:-5000000} check_grids=${BENCH_GRIDS:-100000} rounds=${BENCH_ROUNDS:-5}
grids=10000 vertices=100 check_vertices=50
few=$((rows / 5)) defects=$((check_grids / 100))
join_rows=$((rows / 50)) join_few=$((rows / 250))
bin=$build/tests/bench wufeng=$build/wufeng data=$build/bench
if [ "$few" -lt 100000 ] || [ "$check_grids" -lt 1000 ] || [ "$rounds" -lt 1 ]; then
    echo "bench: at least 500000 rows, 1000 grids and 1 round" >&2
    exit 2
fi
mkdir -p "$data"
out=$(mktemp -d "$data/out.XXXXXX")
trap 'rm -rf "$out"' EXIT
trap 'exit 130' INT TERM
results=$out/results
wrong=0

made() { # made FILE COMMAND …: FILE, unless it is there and its maker is not newer; it writes to $part
    [ "$1" -nt tests/bench/make_data.c ] && return
    rm -f "$part" "$1"
    "${@:2}" || { echo "bench: $1 could not be made" >&2; exit 1; }
    mv "$part" "$1"
}
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "right  $1"; else echo "WRONG  $1: \"$2\" instead of \"$3\""; wrong=1; fi
}
timed() { # timed LABEL STATUS COMMAND …
    local label=$1 wanted=$2 status
    shift 2
    "$bin/timed" "$results" "$label" "$round" "$@" >"$out/$label.stdout" 2>"$out/$label.stderr"
    status=$?
    [ $status -eq "$wanted" ] && return
    echo "bench: exit status $status instead of $wanted: $*" >&2
    cat "$out/$label.stderr" >&2
    exit 1
}

plan=$data/plan_${grids}_$vertices.gpkg
big=$data/points_$rows.csv small=$data/points_${rows}_first_$few.csv
clean=$data/plan_${check_grids}_$check_vertices.gpkg planted=$data/plan_${check_grids}_${check_vertices}_defects.gpkg
part=$data/part.gpkg
made "$plan" "$bin/make_data" plan "$part" $grids $vertices
made "$clean" "$bin/make_data" plan "$part" "$check_grids" $check_vertices
made "$planted" "$bin/make_data" plan "$part" "$check_grids" $check_vertices "$defects"
part=$data/part.csv
made "$big" "$bin/make_data" points "$part" $grids $vertices "$rows"
made "$small" sh -c "head -n $((few + 1)) '$big' >'$part'"
# Read once, so that the first measured is no worse off than the others.
cat "$plan" "$big" "$small" "$clean" "$planted" >/dev/null

load=$(cut -d " " -f 1 /proc/loadavg)
spatialite=yes
tally() { # tally THREADS SIZE FILE
    timed "tally_$1.$2" 0 "$wufeng" tally "$plan" "$3" --threads "$1" --date 2025-01-31 --progress off \
        -o "$out/tally_$1.$2.csv"
}
join() { # join SIZE ROWS
    [ $spatialite = yes ] || return
    "$bin/peer_spatialite" "$plan" "$big" "$2" "$out/join.$1.csv" "$out/again.$1.csv" >"$out/join" 2>"$out/join.stderr"
    case $? in
    0) awk -v size="$1" -v round="$round" '{print $1 "." size, round, $2, $3, 0}' "$out/join" >>"$results" ;;
    3) spatialite=no ;;
    *) cat "$out/join.stderr" >&2; exit 1 ;;
    esac
}
for ((round = 1; round <= rounds; round++)); do
    echo "bench: tally, round $round of $rounds" >&2
    for size in small big; do
        file=${!size}
        timed "lines.$size" 0 wc -l "$file"
        tally 1 $size "$file"
        timed "gdal.$size" 0 "$bin/peer_gdal" "$file"
        tally 2 $size "$file"
    done
    join small "$join_few"
    join big "$join_rows"
done
for ((round = 1; round <= rounds / 2 + 1; round++)); do
    echo "bench: check, round $round of $((rounds / 2 + 1))" >&2
    for kind in clean planted; do
        file=${!kind} status=0
        [ $kind = planted ] && status=1
        timed "read.$kind" 0 "$bin/peer_gdal" "$file"
        timed "check_1.$kind" $status "$wufeng" check "$file" --threads 1 --progress off
        timed "read.$kind" 0 "$bin/peer_gdal" "$file"
        timed "check_2.$kind" $status "$wufeng" check "$file" --threads 2 --progress off
    done
done

column_of() { awk -F, -v name="$2" 'NR == 1 {sub(/^\xef\xbb\xbf/, ""); for (k = 1; k <= NF; k++) if ($k == name) print k}' "$1"; }
sum_of() { awk -F, -v c="$(column_of "$1" incidents)" 'NR > 1 {n += $c} END {printf "%d", n}' "$1"; }
counts_of() { awk -F, -v c="$(column_of "$1" incidents)" 'NR > 1 && $c > 0 {print $1 "," $c}' "$1" | sort; }

echo "results"
n_big=$(awk '{print $1}' "$out/gdal.big.stdout") n_small=$(awk '{print $1}' "$out/gdal.small.stdout")
is "the CSV has $rows and $few rows, says GDAL" "$n_big $n_small" "$rows $few"
is 'the incidents of all grids add up to the rows' "$(sum_of "$out/tally_1.big.csv") $(sum_of "$out/tally_1.small.csv")" "$rows $few"
is 'every row is assigned' "$(grep -c "^accounts $rows read = $rows assigned + 0 outside + 0 rejected + 0 duplicates" "$out/tally_1.big.stdout")" 1
# One row in 1000 is a corner of four grids; a random point falls on a border once in millions.
on_border=$(sed -nE 's/.* assigned ([0-9]+) on a border.*/\1/p' "$out/tally_1.big.stdout") corners=$(((rows + 999) / 1000))
is 'one row in 1000 is on a border' "$((on_border >= corners && on_border <= corners + rows / 100000))" 1
is 'one and two threads write the same bytes' "$(cmp "$out/tally_1.big.csv" "$out/tally_2.big.csv" && echo same)" same
if [ $spatialite = yes ]; then
    head -n $((join_rows + 1)) "$big" >"$out/head.csv"
    "$wufeng" assign "$plan" "$out/head.csv" --date 2025-01-31 --progress off -o "$out/assigned.csv" >/dev/null || exit 1
    "$wufeng" tally "$plan" "$out/head.csv" --date 2025-01-31 --progress off -o "$out/head_tally.csv" >/dev/null || exit 1
    code=$(column_of "$out/assigned.csv" grid_code) placed=$(column_of "$out/assigned.csv" placed)
    per_grid() { awk -F, -v c="$code" -v p="$placed" -v of="$1" 'NR > 1 && $p ~ of {n[$c]++} END {for (g in n) print g "," n[g]}' "$out/assigned.csv" | sort; }
    per_grid '^inside$' >"$out/inside.csv"
    is "$join_rows rows: grid by grid, the points inside are those SpatiaLite contains" "$(cmp "$out/inside.csv" "$out/join.big.csv" && cmp "$out/inside.csv" "$out/again.big.csv" && echo same)" same
    per_grid '^(inside|boundary)$' >"$out/either.csv"
    is "$join_rows rows: grid by grid, the tally is what assign wrote" "$(counts_of "$out/head_tally.csv" | cmp - "$out/either.csv" && echo same)" same
else
    echo 'absent SpatiaLite: mod_spatialite cannot be loaded (Debian: libsqlite3-mod-spatialite); no join, no comparison with it'
fi
n_vertices=$(awk '{print $2}' "$out/read.clean.stdout")
for threads in 1 2; do
    summary=$out/check_$threads
    is "the clean plan is seamless, $threads thread(s)" "$(grep -oE '^verdict  seamless' "$summary.clean.stdout") $(grep -oE '[0-9]+ vertices' "$summary.clean.stdout") $(grep -oE '[0-9]+ (gaps|overlaps)' "$summary.clean.stdout" | tr '\n' ' ')" \
        "verdict  seamless $n_vertices vertices 0 gaps 0 overlaps "
    is "the $defects planted defects are found, $threads thread(s)" "$(grep -oE '[0-9]+ (gaps|overlaps)' "$summary.planted.stdout" | tr '\n' ' ')" "$((defects - defects / 2)) gaps $((defects / 2)) overlaps "
done

LC_ALL=C awk -v load="$load" -v rows="$rows" -v few="$few" -v join_rows="$join_rows" -v join_few="$join_few" -v grids="$grids" -v vertices="$vertices" \
    -v check_grids="$check_grids" -v check_vertices="$n_vertices" -v defects="$defects" -v bytes="$(stat -c %s "$big")" \
    -v processors="$(nproc)" -v version="$("$wufeng" --version)" -f tests/bench/table.awk "$results"
exit $wrong
