#!/usr/bin/env bash
# Writing that fails, at one size of the disk after another: exit 4 and one line, the former result as it was, nothing
# half-written beside it. A limit of the file size stands for the disk; with the right to mount it is a real small one.
dir=$(mktemp -d)
mounted=
trap '[ -z "$mounted" ] || umount "$dir/disk"; rm -rf "$dir"' EXIT
status=0
say() { if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi }
feature() { printf '{"type":"Feature","properties":{"grid_code":"61082400100300%s","level":4,"parent_code":"610824001"},"geometry":{"type":"Polygon","coordinates":[[[%s,37.59],[%s,37.59],[%s,37.61],[%s,37.61],[%s,37.59]]]}}' "$1" "$2" "$3" "$3" "$2" "$2"; }
features() { # features N: N grids in a row, each over a tenth of the next
    printf '{"type":"FeatureCollection","features":['
    for i in $(seq "$1"); do [ "$i" = 1 ] || printf ,; feature "$i" "$(awk "BEGIN {print 108 + $i / 100}")" "$(awk "BEGIN {print 108.011 + $i / 100}")"; done
    printf ']}'
}
features 40 >"$dir/g.geojson"
awk 'BEGIN {print "event_id,lon,lat,category_code,report_time"; for (i = 0; i < 4000; i++) printf "%d,%.4f,37.6,A%d,2025-03-0%d 08:00:00\n", i % 3900, 108 + i / 10000, i % 5, 1 + i % 9}' >"$dir/i.csv"
printf 'job: tiny\ngrids: {source: g.geojson}\nincidents: [{source: i.csv}]\npublish: {dir: out, queries: %s/queries}\n' "$PWD" >"$dir/job.yaml"

# Names and contents; of a manifest and of databases, which hold times, the names alone. Nothing that is hidden but the
# lock may be there.
listing() { (cd "$1" 2>/dev/null && find . -mindepth 1 ! -name .lock \( -type d -printf '%p/\n' -o -type l -printf '%p -> %l\n' -o -name '*.gpkg' -printf '%p\n' -o -name '*.sqlite' -printf '%p\n' -o -name manifest.json -printf '%p\n' -o -type f -exec sha256sum {} \; \) | sort); }

# squeeze NAME FOLDER COMMAND...: under a limit of 0, 1, 2, 4, … KiB a file until it passes
squeeze() {
    local name=$1 to=$2 kib=0 failures=0 wrong= got lines code before
    shift 2
    "$@" >/dev/null 2>&1
    before=$(listing "$to")
    while :; do
        lines=$(ulimit -f $kib; "$@" 2>&1 >/dev/null)
        code=$?
        [ "$(listing "$to")" = "$before" ] || wrong+=" [$kib KiB: files changed: $(diff <(echo "$before") <(listing "$to") | tr '\n' ' ')]"
        [ $code -gt 1 ] || break
        failures=$((failures + 1))
        [ $code -eq 4 ] && [ "$(wc -l <<<"$lines")" -eq 1 ] && [ -n "$lines" ] || wrong+=" [$kib KiB: exit $code: $lines]"
        kib=$((kib == 0 ? 1 : kib + (kib + 1) / 2))
        [ $kib -lt 100000 ] || { wrong+=" [never passes]"; break; }
    done
    [ $failures -gt 0 ] || wrong+=" [never failed]"
    say "$name: no size of file leaves a trace" "${wrong:0:1500}" ''
}
mkdir -p "$dir/check" "$dir/tally" "$dir/assign"
for form in csv geojson gpkg; do squeeze "check to $form" "$dir/check" "$WUFENG" check "$dir/g.geojson" -q -o "$dir/check/d.$form"; done
squeeze tally "$dir/tally" "$WUFENG" tally "$dir/g.geojson" "$dir/i.csv" -q --by category,hour -o "$dir/tally/t.csv"
squeeze assign "$dir/assign" "$WUFENG" assign "$dir/g.geojson" "$dir/i.csv" -q -o "$dir/assign/a.csv"
squeeze synth "$dir/synth" "$WUFENG" synth seeds/jingbian.yaml --grids 12 --incidents 500 -q -o "$dir/synth"
squeeze run "$dir/out" "$WUFENG" run "$dir/job.yaml" --date 2025-06-01 --progress off -q
say 'run: nothing hidden is left' "$(ls -A "$dir/out/tiny" | tr '\n' ' ')" '.lock 2025-06-01 latest '

# A disk that is full.
say 'a full standard output' "$("$WUFENG" check "$dir/g.geojson" --json 2>&1 >/dev/full; echo $?)" "$(printf 'wufeng check: standard output cannot be written\n4')"
mkdir "$dir/disk"
if mount -t tmpfs -o size=64k tmpfs "$dir/disk" 2>/dev/null; then
    mounted=1
    export TMPDIR=$dir/disk
    wrong=
    for kib in 64 256 512 1024 2048 4096 6144; do
        mount -o remount,size=${kib}k "$dir/disk"
        mkdir -p "$dir/disk/o"
        for command in "tally $dir/g.geojson $dir/i.csv -q -o $dir/disk/o/t.csv" "assign $dir/g.geojson $dir/i.csv -q -o $dir/disk/o/a.csv" "check $dir/g.geojson -q -o $dir/disk/o/d.gpkg" \
            "run $dir/job.yaml -q --progress off --date 2025-06-01 --set publish.dir=$dir/disk/o/run" "synth seeds/jingbian.yaml --grids 12 --incidents 500 -q -o $dir/disk/o/synth"; do
            # shellcheck disable=SC2086
            lines=$("$WUFENG" $command 2>&1 >/dev/null)
            code=$?
            hidden=$(find "$dir/disk" -name '.*' ! -name .lock)
            case $code in 0 | 1) ;; *) [ $code -eq 4 ] && [ "$(wc -l <<<"$lines")" -eq 1 ] || wrong+=" [$kib KiB: $command: exit $code: $lines]" ;; esac
            [ -z "$hidden" ] || wrong+=" [$kib KiB: $command: left $hidden]"
            [ ! -f "$dir/disk/o/t.csv" ] || cmp -s "$dir/disk/o/t.csv" "$dir/tally/t.csv" || [ "${command%% *}" != tally ] || wrong+=" [$kib KiB: half a tally]"
            rm -rf "$dir/disk/o"/*
        done
    done
    say 'a full disk' "${wrong:0:1500}" ''
else
    echo 'ok a full disk (skipped: needs the right to mount)'
fi
exit $status
