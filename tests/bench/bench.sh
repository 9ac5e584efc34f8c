#!/usr/bin/env bash
#
# Runs the machines of one benchmark on one kind of CPU, and compares what they print.
#
#     bench.sh --title TEXT --variant NAME --bounds-file FILE --ours MACHINE... --opensbi MACHINE...  [MODE]
#
# A machine is a program that starts QEMU and takes `-- QEMU'S OPTIONS`. Under icount every instruction takes a nanosecond of the machine's time, so
# the same images give the same numbers on any computer. Lines that are read, wherever in a line of the console they stand:
#
#     bench NAME NUMBER               a result
#     share NAME SPAN OWN TIMES       from each of several guests in the same span: the result is what nobody had of it, by all their times
#
# MODE  --check    (without one) fails if a result of ours is above its bound, if one has no bound, or if one is missing
#       --compare  prints ours beside OpenSBI's
#       --bounds   prints lines for the file of bounds: what is measured now and 3 % more
#
# The file of bounds has lines "NAME VARIANT BOUND TARGET", with tabs; a target of "-" is none.

set -euo pipefail

declare -A words=()
ours=()
opensbi=()
mode=--check
scratch=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

read_words() {
    while (($# > 0)); do
        case $1 in
        --title | --variant | --bounds-file)
            words[${1#--}]=$2
            shift 2
            ;;
        --ours)
            ours+=("$2")
            shift 2
            ;;
        --opensbi)
            opensbi+=("$2")
            shift 2
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

# Lines "NAME NUMBER" of what the machines print.
measure() {
    local machine transcript=$scratch/transcript
    for machine; do
        if ! "$machine" -- -icount shift=0,sleep=off </dev/null >"$transcript" 2>&1; then
            printf 'error: %s did not end well:\n' "$machine" >&2
            cat "$transcript" >&2
            exit 1
        fi
        cat "$transcript" >>"$scratch/transcripts"
        awk -f "${words[script-folder]}/read.awk" "$transcript"
    done
}

main() {
    words[script-folder]=$(dirname "$0")
    read_words "$@"
    measure "${ours[@]}" >"$scratch/ours"
    : >"$scratch/opensbi"
    if [[ $mode == --compare ]]; then
        measure "${opensbi[@]}" >"$scratch/opensbi"
    fi
    if ! awk -v mode="$mode" -v title="${words[title]}" -v variant="${words[variant]}" \
        -f "${words[script-folder]}/table.awk" "${words[bounds-file]}" "$scratch/ours" "$scratch/opensbi"; then
        cat "$scratch/transcripts"
        exit 1
    fi
}

main "$@"
