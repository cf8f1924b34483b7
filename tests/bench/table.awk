# The measurements of tests/bench/bench.sh as tables. Lines: label[.size] round wall cpu peak_mb.
# A rate is a slope: the rows between two sizes over the seconds between them, so starting the process and reading the
# grids is in no rate. Each figure is of the fastest round of each size, which others on the machine disturbed least; the
# same figure of the median round stands in brackets. Where the two are far apart, the machine was not quiet.

function sorted(a, n,    i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
}
# Text in a column of so many characters; the locale is C, so the bytes that go on with a character are not counted.
function pad(text, width,    bare) {
    bare = text
    gsub(/[\200-\277]/, "", bare)
    return sprintf("%s%" (width > length(bare) ? width - length(bare) : 0) "s", text, "")
}
# The fastest (how = 0) or median (how = 1) of the rounds of a label.
function of(time, label, how,    a, n, i) {
    n = n_rounds[label]
    for (i = 1; i <= n; i++) a[i] = time[label, i]
    sorted(a, n)
    return !how ? a[1] : n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}
function slope(time, label, how,    n) { # microseconds a row; the joins have sizes of their own
    n = label ~ /^spatialite/ ? join_rows - join_few : rows - few
    n = (of(time, label ".big", how) - of(time, label ".small", how)) / n * 1e6
    return n > 1e-6 ? n : 1e-6 # too small or too disturbed to be told
}
function fixed(label, how) {
    return of(wall, label ".small", how) - slope(wall, label, how) * few / 1e6
}
function both(form, fastest, median) {
    return sprintf(form " (" form ")", fastest, median)
}
function rate_line(name, label, of_process,    form) {
    form = slope(wall, label, 0) > 1 ? "%.3f" : "%.2f"
    printf "  %s%s%s", pad(name, 40), pad(both(form, 1 / slope(wall, label, 0), 1 / slope(wall, label, 1)), 18),
        pad(both("%.3f", slope(cpu, label, 0), slope(cpu, label, 1)), 18)
    if (of_process)
        printf "%s%6.0f %6.0f", pad(both("%.2f", fixed(label, 0), fixed(label, 1)), 15), peak[label ".small"], peak[label ".big"]
    printf "\n"
}
function check_line(name, label) {
    printf "  %s%s%s%28.0f\n", pad(name, 40), pad(both("%.2f", of(wall, label, 0), of(wall, label, 1)), 18),
        pad(both("%.2f", of(cpu, label, 0), of(cpu, label, 1)), 18), peak[label]
}
function verdict(text, wanted, got, of_cpu, met) {
    printf "  %s%s%s%s%s\n", pad(text, 58), pad(wanted, 10), pad(got, 16), pad(of_cpu, 16), met ? "met" : "MISSED"
    n_missed += !met
}
function rate_ratio(text, label, peer, target,    x) {
    if (!n_rounds[peer ".big"]) return
    x = slope(wall, peer, 0) / slope(wall, label, 0)
    verdict(text, "≥ " target " ×", both("%.1f", x, slope(wall, peer, 1) / slope(wall, label, 1)),
        both("%.1f", slope(cpu, peer, 0) / slope(cpu, label, 0), slope(cpu, peer, 1) / slope(cpu, label, 1)), x >= target)
}
function time_ratio(text, label, peer, target,    x) {
    x = of(wall, label, 0) / of(wall, peer, 0)
    verdict(text, "≤ " target " ×", both("%.1f", x, of(wall, label, 1) / of(wall, peer, 1)),
        both("%.1f", of(cpu, label, 0) / of(cpu, peer, 0), of(cpu, label, 1) / of(cpu, peer, 1)), x <= target)
}

{
    r = ++n_rounds[$1]
    wall[$1, r] = $3; cpu[$1, r] = $4
    if ($5 > peak[$1]) peak[$1] = $5
}

END {
    printf "\n%s, %d processors, load before %s; fastest of %d rounds (median), of a check %d\n", version, processors, load,
        n_rounds["gdal.big"], n_rounds["check_1.clean"]
    printf "\nTally: %d grids of %d vertices; %d and %d rows of %.0f bytes, spatially random; joins: %d and %d rows\n", grids,
        vertices, few, rows, bytes / rows, join_few, join_rows
    printf "  %s%s%s%s%13s\n", pad("", 40), pad("million rows/s", 18), pad("CPU µs/row", 18), pad("fixed cost, s", 15), "peak MB"
    rate_line("wc -l", "lines", 1)
    rate_line("GDAL, CSV to features, nothing else", "gdal", 1)
    if (n_rounds["spatialite.big"]) {
        rate_line("SpatiaLite join, R*Tree of the grids", "spatialite", 0)
        rate_line("SpatiaLite join, R*Tree of the points", "spatialite_points", 0)
    } else
        print "  SpatiaLite: not there"
    rate_line("wufeng tally --threads 1", "tally_1", 1)
    rate_line("wufeng tally --threads 2", "tally_2", 1)

    printf "\nCheck: %d grids with %d vertices in a GeoPackage, clean and with %d planted gaps and overlaps\n", check_grids,
        check_vertices, defects
    printf "  %s%s%s%28s\n", pad("", 40), pad("wall s", 18), pad("CPU s", 18), "peak MB"
    split("clean planted", kinds, " ")
    for (k = 1; k <= 2; k++) {
        check_line("GDAL, layer to geometries, " kinds[k], "read." kinds[k])
        check_line("wufeng check --threads 1, " kinds[k], "check_1." kinds[k])
        check_line("wufeng check --threads 2, " kinds[k], "check_2." kinds[k])
    }

    printf "\n  %s%s%s%s%s\n", pad("Targets", 58), pad("wanted", 10), pad("by the clock", 16), pad("by CPU", 16), "by the clock"
    for (t = 1; t <= 2; t++) {
        with = ", " t (t == 1 ? " thread" : " threads")
        label = "tally_" t
        rate_ratio("tally: rate over GDAL reading the CSV" with, label, "gdal", 15)
        rate_ratio("tally: rate over SpatiaLite, R*Tree of grids" with, label, "spatialite", 100)
        rate_ratio("tally: rate over SpatiaLite, R*Tree of points" with, label, "spatialite_points", 100)
        verdict("tally: fixed cost" with, "≤ 1 s", both("%.2f", fixed(label, 0), fixed(label, 1)), "", fixed(label, 0) <= 1)
        verdict("tally: peak memory" with, "< 300 MB", sprintf("%.0f", peak[label ".big"]), "", peak[label ".big"] < 300)
    }
    for (k = 1; k <= 2; k++)
        for (t = 1; t <= 2; t++)
            time_ratio("check, " kinds[k] ": time over GDAL reading it, " t (t == 1 ? " thread" : " threads"), "check_" t "." kinds[k],
                "read." kinds[k], 3)
    printf "\nwc -l counts %.0f lines in the time a row of the tally takes (1 thread). Missed targets: %d\n",
        slope(wall, "tally_1", 0) / slope(wall, "lines", 0), n_missed
}
