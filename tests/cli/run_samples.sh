#!/usr/bin/env bash
# The sample jobs one after the other. Exit 1 of a job is a verdict and counts as done.
set -u
wufeng=$1
status=0
for name in jingbian lancashire shaanxi; do
    echo "── wufeng run geodata/$name/job.yaml"
    "$wufeng" run "geodata/$name/job.yaml" --progress off
    code=$?
    [ $code -le 1 ] || status=$code
    echo
done
exit $status
