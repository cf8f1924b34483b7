#!/usr/bin/env bash
# The synthetic incidents against their truth, row by row: place, grid and rule on the clean plan and on the one with
# defects, in every encoding; remarks; and that one altered row of the truth is noticed.
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
status=0
is() { # is NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: \"$2\" instead of \"$3\""; status=1; fi
}
by='source:随手拍=GCJ-02,12345热线=GCJ-02,网格员上报=EPSG:4490'
"$WUFENG" synth seeds/jingbian.yaml -q -o "$dir"
is 'a year of incidents' "$? $(tail -1 "$dir/truth_incidents.csv" | cut -d, -f1)" '0 65700'

# place, finest grid, rule; the added columns stand at the end of a record's last line
found() { awk -F, '$(NF - 1) ~ /^(inside|boundary|overlap|outside|rejected|duplicate|out_of_period)$/ {g = ""; for (i = NF - 6; i < NF - 1 && g == ""; i++) g = $i; print $(NF - 1), g, $NF}' "$1"; }
for plan in clean defects; do
    grids=$dir/grids.gpkg column=5 rule='$10'
    [ $plan = defects ] && grids=$dir/grids_defects.gpkg column=7 rule='($7 == "outside" && $10 !~ /^I0[12]$/ && $10 != "I17" ? "I06" : $5 == "outside" ? "?" : $10)'
    awk -F, "NR > 1 {print \$$column, \$($column + 1), $rule}" "$dir/truth_incidents.csv" >"$dir/want"
    for f in incidents incidents_gb18030; do
        "$WUFENG" assign "$grids" "$dir/$f.csv" --crs-by "$by" --date 2026-01-31 -q -o "$dir/assigned.csv"
        found "$dir/assigned.csv" >"$dir/got"
        # A row outside the clean plan and inside the other keeps its form's rule there, which the truth does not list.
        is "$f on the $plan plan: rows unlike the truth" \
            "$(paste -d, "$dir/want" "$dir/got" | awk -F, '{w = $1; g = $2; if (w ~ / \?$/) {sub(/ \?$/, "", w); sub(/ [^ ]*$/, "", g)} if (w != g) n++} END {print NR, n + 0}')" '65700 0'
    done
done
cp "$dir/want" "$dir/altered"
sed -i '777s/[0-9] *$/x/' "$dir/altered"
is 'an altered truth row is noticed' "$(cmp -s "$dir/altered" "$dir/want"; echo $?) $(paste -d, "$dir/altered" "$dir/got" | awk -F, 'NR == 777 && $1 != $2 {n++} END {print n + 0}')" '1 1'

"$WUFENG" tally "$dir/grids.gpkg" "$dir/incidents.csv" --crs-by "$by" --date 2026-01-31 --categories "$dir/categories.csv" -q -o "$dir/t.csv"
tail -n +2 "$dir/t.flags.csv" | awk -F, '$3 != "I09" {print $2, $3}' >"$dir/got"
awk -F, 'NR > 1 && $11 != "" {n = split($11, code, ";"); for (i = 1; i <= n; i++) print $1, code[i]}' "$dir/truth_incidents.csv" >"$dir/want"
is 'remarks, row by row' "$(diff "$dir/want" "$dir/got" | grep -c '^[<>]') of $(($(wc -l <"$dir/want") > 10000))" '0 of 1'
# Reports made twice: those that were planted, and those that happen to be.
awk -F, '$3 == "I09" {split($4, w, " "); print $2 "," w[2]}' "$dir/t.flags.csv" >"$dir/near"
is 'reports made twice, row by row, with the one before' "$(diff <(tail -n +2 "$dir/truth_near.csv") "$dir/near" | grep -c '^[<>]') of $(($(wc -l <"$dir/near") > 1500))" '0 of 1'
is 'all that were planted are among them' "$(awk -F, 'NR == FNR {near[$1]; next} $3 == "near_duplicate_report" && $5 != "outside" {n++; missed += !($1 in near)} END {print (n > 1500), missed + 0}' "$dir/near" "$dir/truth_incidents.csv")" '1 0'
for n in 1 2 8; do
    "$WUFENG" tally "$dir/grids.gpkg" "$dir/incidents.csv" --crs-by "$by" --date 2026-01-31 --threads $n -q -o "$dir/t$n.csv"
    sha256sum <"$dir/t$n.flags.csv"
done >"$dir/sums"
is 'with any number of threads, and with no table of categories' "$(sort -u "$dir/sums" | wc -l) $(awk -F, '$3 == "I09" {split($4, w, " "); print $2 "," w[2]}' "$dir/t1.flags.csv" | cmp - "$dir/near" && echo same)" '1 same'
is 'rejects, row by row' "$(diff <(tail -n +2 "$dir/t.rejects.csv" | awk -F, '{print $2, $3}') <(awk -F, 'NR > 1 && ($5 == "rejected" || $5 == "duplicate" || $5 == "outside") {print $1, $10}' "$dir/truth_incidents.csv") | grep -c '^[<>]')" 0
is 'both encodings hold the same rows' "$(iconv -f GB18030 -t UTF-8 "$dir/incidents_gb18030.csv" | sha256sum)" "$(tail -c +4 "$dir/incidents.csv" | sha256sum)"
# Any number of rows begins with the same ones, but for the marks that need the whole.
"$WUFENG" synth seeds/jingbian.yaml --incidents 3000 -q -o "$dir/few"
is 'rows do not depend on their number' "$(cmp -n "$(wc -c <"$dir/few/incidents.csv")" "$dir/few/incidents.csv" "$dir/incidents.csv" && echo same)" same
# The sample job holds the same rows; what it publishes adds up to their truth grid by grid.
"$WUFENG" synth seeds/jingbian.yaml --incidents 18250 -q -o "$dir/job"
is 'the sample is what the seed makes' "$(cmp geodata/jingbian/incidents.csv "$dir/job/incidents.csv" && echo same)" same
"$WUFENG" run geodata/jingbian/job.yaml --set publish.dir="$dir/out" --date 2026-01-31 -q
out=$dir/out/jingbian/latest
is 'accounts of the job' "$(tail -1 "$out/accounts.csv" | cut -d, -f2-5,7-10)" \
    "$(awk -F, 'NR > 1 {n++; c[$7]++} END {print n "," c["inside"] + c["boundary"] + c["overlap"] "," c["boundary"] + 0 "," c["overlap"] + 0 "," c["outside"] + 0 "," c["rejected"] + 0 "," c["duplicate"] + 0 ",0"}' "$dir/job/truth_incidents.csv")"
awk -F, 'NR > 1 && $8 != "" && $7 != "outside" {n[$8]++} END {for (g in n) print g, n[g]}' "$dir/job/truth_incidents.csv" | sort >"$dir/want"
awk -F, 'NR > 1 && $3 == 5 && $11 > 0 {n[$1] += $11} END {for (g in n) print g, n[g]}' "$out/grid_load.csv" | sort >"$dir/got"
is 'load of every unit' "$(diff "$dir/want" "$dir/got" | grep -c '^[<>]') of $(($(wc -l <"$dir/want") > 1000))" '0 of 1'
exit $status
