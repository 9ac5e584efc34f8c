#!/usr/bin/env bash
#
# Runs the machines of one benchmark on one kind of CPU, and compares what they print.
#
#     bench.sh --title TEXT --variant NAME --bounds-file FILE --reader AWK --table AWK [--tree ADDRESS] [--seeds N] [--shift N] --ours|--opensbi RUN MACHINE ...  [MODE]
#
# With --tree, what our runs print in lines "tree HEX" is put into the RAM of OpenSBI's machines at that address. With --seeds, all but --check takes the mean
# of so many runs with other random numbers.
#
# A machine is a program that starts QEMU and takes `-- QEMU'S OPTIONS`. Under icount every instruction takes 2^shift nanoseconds of the machine's time, by the
# last --shift in front of it (0, if there is none), so the same images give the same numbers on any computer. The reader makes lines "NAME NUMBER" of what the
# runs print; each run is a file with its name.
#
# MODE  --check    (or none) fails if a result of ours is above its bound, if one has no bound, or if one is missing
#       --compare  prints ours beside OpenSBI's
#       --bounds   prints lines for the file of bounds: what is measured now and 3 % more
#
# The file of bounds has lines "NAME VARIANT BOUND TARGET", with tabs; a target of "-" is none.

set -euo pipefail

# Seconds that only a machine which never ends needs.
readonly patience=200

declare -A words=([seeds]=1 [shift]=0)
sides=()
runs=()
machines=()
shifts=()
mode=--check
scratch=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

read_words() {
    while (($# > 0)); do
        case $1 in
        --title | --variant | --bounds-file | --reader | --shift | --table | --tree | --seeds)
            words[${1#--}]=$2
            shift 2
            ;;
        --ours | --opensbi)
            sides+=("${1#--}")
            runs+=("$2")
            machines+=("$3")
            shifts+=("${words[shift]}")
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

# Runs a machine, by its index; what it prints goes to a file.
run() {
    local machine=${machines[$1]} exponent=${shifts[$1]} transcript=$2
    shift 2
    if ! timeout "$patience" "$machine" -- -icount "shift=$exponent,sleep=off" "$@" </dev/null >"$transcript" 2>&1; then
        printf 'error: %s did not end well:\n' "$machine" >&2
        cat "$transcript" >&2
        exit 1
    fi
}

# Lines "NAME NUMBER" of what one side's machines print; behind its name are more options for QEMU.
measure() {
    local index side=$1 reader=$PWD/${words[reader]}
    shift
    rm -rf "${scratch:?}/$side"
    mkdir "$scratch/$side"
    for index in "${!sides[@]}"; do
        if [[ ${sides[index]} == "$side" ]]; then
            run "$index" "$scratch/$side/${runs[index]}" "$@"
        fi
    done
    (cd "$scratch/$side" && awk -f "$reader" -- *) >>"$scratch/results.$side"
}

measure_opensbi() {
    if [[ -n ${words[tree]-} ]]; then
        printf '%b' "$(sed -n 's/.*tree \([0-9a-f]*\).*/\1/p' "$scratch"/ours/* | tr -d '\n' | sed 's/../\\x&/g')" >"$scratch/tree"
        set -- "$@" -device "loader,file=$scratch/tree,addr=${words[tree]},force-raw=on"
    fi
    measure opensbi "$@"
}

# QEMU's random numbers are those of a seed, so that they are the same every time.
measure_all() {
    local seed seeds=${words[seeds]}
    if [[ $mode == --check ]]; then
        seeds=1
    fi
    : >"$scratch/results.ours" >"$scratch/results.opensbi"
    for ((seed = 1; seed <= seeds; seed++)); do
        measure ours -seed "$seed"
        if [[ $mode == --compare ]]; then
            measure_opensbi -seed "$seed"
        fi
    done
}

main() {
    read_words "$@"
    measure_all
    if ! awk -v mode="$mode" -v title="${words[title]}" -v variant="${words[variant]}" -f "${words[table]}" \
        "${words[bounds-file]}" "$scratch/results.ours" "$scratch/results.opensbi"; then
        tail -n +1 "$scratch"/ours/* >&2
        exit 1
    fi
}

main "$@"
