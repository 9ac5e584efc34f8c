#!/usr/bin/env bash
#
# Runs the machines of one benchmark on one kind of CPU, and compares what they print.
#
#     bench.sh --title TEXT --variant NAME --bounds-file FILE --reader AWK --table AWK --ours RUN MACHINE... --opensbi RUN MACHINE...  [MODE]
#
# A machine is a program that starts QEMU and takes `-- QEMU'S OPTIONS`. Under icount every instruction takes a nanosecond of the machine's time, so
# the same images give the same numbers on any computer. The reader makes lines "NAME NUMBER" of what the runs print; each run is a file with its name.
#
# MODE  --check    (without one) fails if a result of ours is above its bound, if one has no bound, or if one is missing
#       --compare  prints ours beside OpenSBI's
#       --bounds   prints lines for the file of bounds: what is measured now and 3 % more
#
# The file of bounds has lines "NAME VARIANT BOUND TARGET", with tabs; a target of "-" is none.

set -euo pipefail

declare -A words=()
sides=()
runs=()
machines=()
mode=--check
scratch=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

read_words() {
    while (($# > 0)); do
        case $1 in
        --title | --variant | --bounds-file | --reader | --table)
            words[${1#--}]=$2
            shift 2
            ;;
        --ours | --opensbi)
            sides+=("${1#--}")
            runs+=("$2")
            machines+=("$3")
            shift 3
            ;;
        --check | --compare | --bounds)
            mode=$1
            shift
            ;;
        *)
            printf 'error: %s: there is no such option\n' "$1" >&2
            exit 2
            ;;
        esac
    done
}

# Runs a machine; what it prints goes to a file.
run() {
    if ! "$1" -- -icount shift=0,sleep=off </dev/null >"$2" 2>&1; then
        printf 'error: %s did not end well:\n' "$1" >&2
        cat "$2" >&2
        exit 1
    fi
}

# Lines "NAME NUMBER" of what one side's machines print.
measure() {
    local index reader=$PWD/${words[reader]}
    mkdir "$scratch/$1"
    for index in "${!sides[@]}"; do
        if [[ ${sides[index]} == "$1" ]]; then
            run "${machines[index]}" "$scratch/$1/${runs[index]}"
        fi
    done
    (cd "$scratch/$1" && awk -f "$reader" -- *) >"$scratch/results.$1"
}

main() {
    read_words "$@"
    : >"$scratch/results.opensbi"
    measure ours
    if [[ $mode == --compare ]]; then
        measure opensbi
    fi
    if ! awk -v mode="$mode" -v title="${words[title]}" -v variant="${words[variant]}" -f "${words[table]}" \
        "${words[bounds-file]}" "$scratch/results.ours" "$scratch/results.opensbi"; then
        tail -n +1 "$scratch"/ours/* >&2
        exit 1
    fi
}

main "$@"
