#!/usr/bin/env bash
# Signals, outright kills, a second run and a shrinking input in the middle of the work: what was published stays, what
# was not is never seen, and the next run works. On a job large enough for many threads, which change nothing.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi }
"$WUFENG" synth seeds/jingbian.yaml --grids 60 --incidents 2000 -q -o "$dir/s"
awk 'BEGIN {print "event_id,lon,lat,category_code,report_time,grid_code"; srand(7); for (i = 0; i < 500000; i++) printf "%d,%.6f,%.6f,0%d,2025-0%d-1%d 0%d:15:00,61082400100%d\n", i % 499000, 108.70 + rand() / 6, 37.55 + rand() / 6, i % 7, 1 + i % 9, i % 10, i % 10, i % 9}' >"$dir/i.csv"
printf 'job: big\ngrids: {source: s/grids_defects.gpkg}\nincidents: [{source: i.csv}]\npublish: {dir: out, queries: %s/queries}\n' "$PWD" >"$dir/job.yaml"
out=$dir/out/big
run() { exec "$WUFENG" run "$dir/job.yaml" --progress off -q --date "$1"; }
staging() { compgen -G "$out/.2*.part$1" >/dev/null; }
# wait_for FILE: until the run in the background has that file in its hidden folder
wait_for() { for _ in $(seq 2000); do staging "$1" && return 0; kill -0 "$pid" 2>/dev/null || return 1; sleep 0.005; done; return 1; }
whole() { (cd "$out/$1" && grep -oE '"path": "[a-z_]*\.[a-z]*", "sha256": "[0-9a-f]*", "bytes"' manifest.json | sed -E 's/"path": "(.*)", "sha256": "(.*)", "bytes"/\2  \1/' | sha256sum -c --quiet >/dev/null 2>&1 && echo whole); }

(run 2025-01-01)
first=$(cd "$out/2025-01-01" && cat ./*.csv | sha256sum)
is 'a first run' "$(readlink "$out/latest") $(whole latest)" '2025-01-01 whole'

for signal in INT TERM HUP; do
    (trap - INT; run 2025-02-01 2>"$dir/err") & pid=$!
    wait_for '' && kill -$signal $pid
    wait $pid 2>/dev/null
    is "$signal: code 6, one line" "$? $(grep -c 'stopped by a signal' "$dir/err") $(wc -l <"$dir/err")" '6 1 1'
    is "$signal: nothing is left" "$(ls -A "$out" | tr '\n' ' ')$(readlink "$out/latest")" '.lock 2025-01-01 latest 2025-01-01'
done

# Killed outright as soon as a file is there, and a moment later.
for at in '' /run.sqlite /grid_load.csv /manifest.json; do
    for later in 0 0.05; do
        run 2025-03-01 2>/dev/null & pid=$!
        wait_for "$at" && sleep $later && kill -KILL $pid 2>/dev/null
        wait $pid 2>/dev/null
        got=$(readlink "$out/latest")
        case $got in
        2025-01-01) is "killed at ${at:-once} +$later: the last run stays" "$(whole latest) $(cd "$out/latest" && cat ./*.csv | sha256sum)" "whole $first" ;;
        *) is "killed at ${at:-once} +$later: or the new one is whole" "$got $(whole latest)" '2025-03-01 whole' && ln -sfn 2025-01-01 "$out/latest" ;;
        esac
        [ ! -d "$out/2025-03-01" ] || is "killed at ${at:-once} +$later: what is in place is whole" "$(whole 2025-03-01)" whole
        rm -rf "$out/2025-03-01"
    done
done
run 2025-01-01 & pid=$!
wait $pid
is 'the same date again: leftovers are cleared, the bytes are the same' "$(ls -A "$out" | tr '\n' ' ')$(cd "$out/latest" && cat ./*.csv | sha256sum)" ".lock 2025-01-01 latest $first"

run 2025-04-01 & pid=$!
wait_for ''
(run 2025-05-01 2>"$dir/err")
is 'two at once: the second is told to wait' "$? $(grep -c 'another run' "$dir/err")" '75 1'
wait $pid
is 'two at once: the first is not disturbed' "$? $(readlink "$out/latest")" '1 2025-04-01'

# Thirty chunks of rows: the same bytes in every table and map by any number of threads.
for n in 1 2 8; do
    "$WUFENG" run "$dir/job.yaml" --progress off -q --date 2025-06-01 --threads $n
    (cd "$out/latest" && sha256sum ./*.csv ./*.geojson) >"$dir/t$n"
done
is 'threads change no byte' "$(wc -l <"$dir/t1") $(cmp "$dir/t1" "$dir/t2" && cmp "$dir/t1" "$dir/t8" && echo same)" "$(find "$out/latest/" -name '*.csv' -o -name '*.geojson' | wc -l) same"

# The commands that write one file.
for command in assign tally; do
    "$WUFENG" $command "$dir/s/grids.gpkg" "$dir/i.csv" -q --threads 1 -o "$dir/o.csv" 2>"$dir/err" & pid=$!
    for _ in $(seq 2000); do compgen -G "$dir/.o.csv*.part" >/dev/null && break; sleep 0.005; done
    kill -TERM $pid
    wait $pid 2>/dev/null
    is "$command: TERM" "$? $(grep -c 'stopped by a signal' "$dir/err") $(find "$dir" -maxdepth 1 -name '*o*.csv*' | wc -l)" '6 1 0'
done
"$WUFENG" synth seeds/jingbian.yaml --grids 30 --incidents 90000000 -q -o "$dir/t" 2>"$dir/err" & pid=$!
for _ in $(seq 4000); do compgen -G "$dir/t/.incidents.csv*.part" >/dev/null && break; sleep 0.005; done
kill -TERM $pid
wait $pid 2>/dev/null
is 'synth: TERM' "$? $(grep -c 'stopped by a signal' "$dir/err") $(find "$dir/t" -name '*incidents*' | wc -l)" '6 1 0'

# An input that another program cuts short while it is read.
for command in assign tally; do
    cp "$dir/i.csv" "$dir/cut.csv"
    "$WUFENG" $command "$dir/s/grids.gpkg" "$dir/cut.csv" -q --threads 2 -o "$dir/o.csv" 2>"$dir/err" & pid=$!
    for _ in $(seq 2000); do grep -q cut.csv /proc/$pid/maps && break; sleep 0.002; done
    kill -STOP $pid
    truncate -s 100000 "$dir/cut.csv"
    kill -CONT $pid
    wait $pid 2>/dev/null
    is "$command: an input that shrinks" "$? $(grep -c 'cut.csv: the file was cut short while it was read' "$dir/err") $(find "$dir" -maxdepth 1 -name '*o.csv*' | wc -l)" '3 1 0'
done
printf '\xff\xfe' >"$dir/mark.csv"
is 'a byte order mark and nothing else' "$("$WUFENG" tally "$dir/s/grids.gpkg" "$dir/mark.csv" -o "$dir/o.csv" 2>&1; echo $?)" "$(printf 'wufeng tally: %s/mark.csv: the file is empty\n3' "$dir")"
exit $status
