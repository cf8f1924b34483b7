#!/usr/bin/env bash
# The sample jobs one after the other. Exit 1 of a job is a verdict and counts as done.
set -u
wufeng=$1
status=0
job() { # job NAME COMMAND...: print the command, run it, stop the line at 2 and above
    echo "── $1: wufeng ${*:2}"
    "$wufeng" "${@:2}"
    local code=$?
    [ $code -le 1 ] || status=$code
    echo
}
mkdir -p output/lancashire output/shaanxi || exit 4
job lancashire check geodata/lancashire/grids.geojson -o output/lancashire/defects.geojson
job lancashire tally geodata/lancashire/grids.geojson geodata/lancashire/incidents.tab --grid lsoa_code -o output/lancashire/grid_load.csv
job lancashire assign geodata/lancashire/grids.geojson geodata/lancashire/incidents.tab --grid lsoa_code -o output/lancashire/assigned.csv
job shaanxi check geodata/shaanxi/grids.geojson --at-level 3 -o output/shaanxi/defects.geojson
job shaanxi tally geodata/shaanxi/grids.geojson geodata/shaanxi/incidents.csv -o output/shaanxi/grid_load.csv
exit $status
