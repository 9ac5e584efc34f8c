#!/usr/bin/env bash
#
# The front door of a platform: packs the guests that the user names (or takes the platform's own), and starts QEMU.
#
# The platform rule calls it with the platform's facts first, each exactly once, and the user's words behind them:
#
#     runner.sh --platform NAME --xlen 64 --machine virt --cpu STR --harts N --memory-total SIZE --kernel-elf PATH
#               --symbols PATH --fit PATH --packer PATH --qemu PATH --gdb PATH   USER'S WORDS
#
# So `--gdb`, `--cpu` and their like may be said twice, and the second is the user's. Facts' paths count from the current
# folder; the user's count from where the user stands, which bazelw passes on in DIOSIX_USER_DIRECTORY, and `bazel run` in
# BUILD_WORKING_DIRECTORY.
#
# Exit status: 2 for words that make no sense, 1 for images that do, otherwise QEMU's, which is what the kernel said to the
# machine's test device: 0 after a power-off, else the failure's code.

set -euo pipefail

readonly mebi=$((1024 * 1024))
readonly harts_max=64
# What QEMU wants between the end of the initrd and the end of RAM for the device tree: it sits at a 2 MiB boundary.
readonly tree_space=$((4 * mebi))
# The longest path that a Unix socket can have (sun_path, with its NUL).
readonly socket_path_max=107

user_directory=${DIOSIX_USER_DIRECTORY:-${BUILD_WORKING_DIRECTORY:-$PWD}}
scratch=
terminal_state=
qemu_pid=

refuse() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

refuse_words() {
    printf 'error: %s (--help lists the options)\n' "$1" >&2
    exit 2
}

# --- facts ------------------------------------------------------------------------------------------------------------

declare -A facts=()

read_facts() {
    local -A missing=([platform]=1 [xlen]=1 [machine]=1 [cpu]=1 [harts]=1 [memory-total]=1 [kernel-elf]=1 [symbols]=1
        [fit]=1 [packer]=1 [qemu]=1 [gdb]=1)
    facts_words=0
    while ((${#missing[@]} > 0)); do
        local name=${1-} value=${2-}
        name=${name#--}
        if [[ -z $name || -z ${missing[$name]-} || -z $value ]]; then
            refuse_words "the platform's facts are incomplete: without ${!missing[*]}"
        fi
        unset "missing[$name]"
        case $name in
        kernel-elf | symbols | fit | packer | qemu | gdb) value=$(absolute_path "$PWD" "$value") ;;
        esac
        facts[$name]=$value
        facts_words=$((facts_words + 2))
        shift 2
    done
}

# Symbolic links stay: a program may look for its data beside the name that it was called by.
absolute_path() {
    case $2 in
    /*) printf '%s' "$2" ;;
    *) printf '%s/%s' "$1" "$2" ;;
    esac
}

# --- the user's words -------------------------------------------------------------------------------------------------

guest_words=()
boot_wanted=
extra_words=()
wants_gdb=false
wants_dry_run=false

print_help() {
    cat <<HELP
Runs Diosix on ${facts[platform]} (QEMU ${facts[machine]}, rv${facts[xlen]}), with its own guests or with yours.

  --guest NAME            a guest of yours; what follows is about it, up to the next --guest
    --kernel FILE         Linux Image or ELF; required
    --initrd FILE         ramdisk
    --bootargs TEXT       what the guest finds in /chosen/bootargs
    --memory SIZE         RAM in bytes, or with K, M or G (128M)
    --vcpus N             virtual harts (1)
    --keyboard            gets the keyboard at first; one guest at most
    --hide-extensions A,B ISA extensions that the guest does not see
    --weight N            share of the harts' time against other guests, 1 to 1000 (100)
    --priority N          instead: before all with a lower one or a weight, 1 to 31
    --budget US           reserved for each virtual hart in every period, before all that
    --period US           of the reservation, in microseconds like the budget
    --affinity A,B        ids of the harts that may run it (all)
    --isolation WORD      auto, pmp or gstage (auto)
    --ram-address N       where its RAM starts, under gstage (0x80000000)
    --restart WHEN        never, on-crash or always (never)
    --restart-backoff MS  wait before the first restart in a row; it doubles (100)
    --restart-limit N     restarts in a row, then it stays off (no limit)
    --watchdog MS         restart it as after a crash when it shows no sign of life

  --boot TEXT             boot arguments of the kernel, such as isolation=pmp
  --harts N               harts of the machine, 1 to $harts_max (${facts[harts]})
  --cpu TEXT              QEMU's CPU model and properties (${facts[cpu]})
  --memory-total SIZE     RAM of the machine (${facts[memory-total]})
  --gdb                   start halted, and print the command that attaches gdb
  --dry-run               print what would be run, and do nothing
  --help                  this text
  -- ...                  the rest goes to QEMU as it is

Relative paths count from the folder that you stand in. Ctrl-] then h explains the console.
HELP
}

# An option's value; a word that starts with dashes is the next option, except where free text is asked for.
require_value() {
    if (($# < 2)) || [[ $1 != --bootargs && $2 == --* ]]; then
        refuse_words "$1 needs a value"
    fi
}

require_guest() {
    if ((${#guest_words[@]} == 0)); then
        refuse_words "$1 comes before the first --guest"
    fi
}

set_harts() {
    if [[ ! $1 =~ ^[1-9][0-9]?$ ]] || (($1 > harts_max)); then
        refuse_words "--harts $1: not a number from 1 to $harts_max"
    fi
    facts[harts]=$1
}

read_user_words() {
    while (($# > 0)); do
        case $1 in
        --guest)
            require_value "$@"
            guest_words+=("$1" "$2")
            shift 2
            ;;
        --kernel | --initrd | --bootargs | --memory | --vcpus | --hide-extensions | --isolation | --ram-address | \
            --weight | --priority | --budget | --period | --affinity | \
            --restart | --restart-backoff | --restart-limit | --watchdog)
            require_guest "$1"
            require_value "$@"
            guest_words+=("$1" "$2")
            shift 2
            ;;
        --keyboard)
            require_guest "$1"
            guest_words+=("$1")
            shift
            ;;
        --harts)
            require_value "$@"
            set_harts "$2"
            shift 2
            ;;
        --cpu | --memory-total)
            require_value "$@"
            facts[${1#--}]=$2
            shift 2
            ;;
        --boot)
            require_value "$@"
            boot_wanted=$2
            shift 2
            ;;
        --gdb) wants_gdb=true && shift ;;
        --dry-run) wants_dry_run=true && shift ;;
        --help | -h) print_help && exit 0 ;;
        --)
            shift
            extra_words=("$@")
            return
            ;;
        *) refuse_words "$1: there is no such option" ;;
        esac
    done
}

# --- RAM --------------------------------------------------------------------------------------------------------------

# Bytes of a size such as 2G, on standard output.
size_in_bytes() {
    local -A units=([B]=1 [K]=1024 [M]=$mebi [G]=$((1024 * mebi)))
    if [[ ! $1 =~ ^([1-9][0-9]{0,11})([KMG]?)$ ]]; then
        return 1
    fi
    echo $((BASH_REMATCH[1] * units[${BASH_REMATCH[2]:-B}]))
}

read_memory_total() {
    local text=${facts[memory-total]}
    if ! memory_total=$(size_in_bytes "$text") || ((memory_total % mebi != 0)); then
        refuse_words "--memory-total $text: not a size such as 2G, in whole MiB"
    fi
}

# QEMU puts the initrd half-way into RAM, but at most 512 MiB in, and the device tree at the end of RAM; on rv32 at most
# 1 GiB in, so that a 32-bit address reaches it.
check_fit_size() {
    local size initrd_offset end=$memory_total need
    size=$(stat -L -c %s "$fit")
    initrd_offset=$((memory_total / 2 < 512 * mebi ? memory_total / 2 : 512 * mebi))
    if ((facts[xlen] == 32 && end > 1024 * mebi)); then
        end=$((1024 * mebi))
    fi
    if ((size + tree_space <= end - initrd_offset)); then
        return
    fi
    need=$(((size + tree_space + mebi - 1) / mebi))
    need=$((need <= 512 ? 2 * need : 512 + need))
    if ((facts[xlen] == 32 && need > 1024)); then
        refuse "the guests' images take $((size / mebi)) MiB, and QEMU has room for 508 on rv32: make them smaller"
    fi
    refuse "the guests' images take $((size / mebi)) MiB, and QEMU has no room for them in $((memory_total / mebi)) MiB of RAM: --memory-total ${need}M is the least that does"
}

# --- packing ----------------------------------------------------------------------------------------------------------

# crc32, because nobody stands between the images and the machine here, and booting is faster for it.
make_packer_command() {
    packer_command=("${facts[packer]}" --output "$fit" --hash crc32 --xlen "${facts[xlen]}"
        --directory "$user_directory" "${guest_words[@]}")
}

choose_fit() {
    packer_command=()
    if ((${#guest_words[@]} == 0)); then
        fit=${facts[fit]}
    elif $wants_dry_run; then
        fit=$user_directory/guests.fit
        make_packer_command
    else
        fit=$scratch/guests.fit
        make_packer_command
        "${packer_command[@]}" || exit
    fi
}

# --- QEMU -------------------------------------------------------------------------------------------------------------

# What the user says, and what the kernel should know of the terminal that it prints to, if it is one.
make_boot_arguments() {
    boot_arguments=$boot_wanted
    if [[ -t 1 ]]; then
        local size=
        boot_arguments+=${boot_arguments:+ }console.colour=1
        # Inside $( ) standard output is no longer the terminal.
        { size=$(stty size <&4 2>/dev/null) || true; } 4>&1
        if [[ -n $size ]] && ((${size#* } > 0)); then
            boot_arguments+=" console.columns=${size#* }"
        fi
    fi
}

# signal=off gives Ctrl-C to the guests. With -no-reboot a reset of the machine, which nothing in the kernel asks for in
# good order, ends QEMU instead of starting over for ever; guests' own resets never reach the machine.
make_qemu_command() {
    qemu_command=("${facts[qemu]}" -M "${facts[machine]}" -cpu "${facts[cpu]}" -smp "${facts[harts]}"
        -m "$((memory_total / mebi))M" -display none -monitor none
        -chardev 'stdio,id=console,signal=off,mux=off' -serial chardev:console
        -no-reboot -bios none -kernel "${facts[kernel-elf]}" -initrd "$fit")
    if [[ -n $boot_arguments ]]; then
        qemu_command+=(-append "$boot_arguments")
    fi
    if $wants_gdb; then
        # A comma in a path is doubled in QEMU's option syntax.
        qemu_command+=(-S -gdb "unix:${gdb_socket//,/,,},server=on,wait=off")
    fi
    qemu_command+=("${extra_words[@]}")
}

print_command() {
    local line
    printf -v line '%q ' "$@"
    printf '%s\n' "${line% }"
}

choose_gdb_socket() {
    gdb_socket=${scratch:-${TMPDIR:-/tmp}}/gdb.socket
    if ((${#gdb_socket} > socket_path_max)); then
        refuse "the folder for temporary files has too long a name for a socket: set TMPDIR=/tmp"
    fi
}

print_gdb_command() {
    printf 'halted until gdb is there; in another terminal:\n\n    ' >&2
    print_command "${facts[gdb]}" -ex "set architecture riscv:rv${facts[xlen]}" -ex "target remote $gdb_socket" \
        "${facts[symbols]}" >&2
    printf '\n' >&2
}

save_terminal() {
    if [[ -t 0 ]]; then
        terminal_state=$(stty -g)
    fi
}

clean_up() {
    if [[ -n $terminal_state ]]; then
        stty "$terminal_state" || true
    fi
    if [[ -n $scratch ]]; then
        rm -rf "$scratch"
    fi
}

stop_qemu() {
    if [[ -n $qemu_pid ]]; then
        kill -TERM "$qemu_pid" 2>/dev/null || true
    fi
}

# QEMU runs in the background, so that a signal to this script reaches it; bash would otherwise take away its input.
run_qemu() {
    exec 3<&0
    "${qemu_command[@]}" <&3 3<&- &
    qemu_pid=$!
    trap stop_qemu HUP INT TERM
    # A trapped signal ends `wait` early, so only the one after QEMU's end has its status; bash keeps it for that.
    while kill -0 "$qemu_pid" 2>/dev/null; do
        wait "$qemu_pid" || true
    done
    wait "$qemu_pid"
}

main() {
    read_facts "$@"
    shift "$facts_words"
    read_user_words "$@"
    read_memory_total
    if ! $wants_dry_run; then
        trap clean_up EXIT
        scratch=$(mktemp -d "${TMPDIR:-/tmp}/diosix.XXXXXX")
    fi
    choose_fit
    choose_gdb_socket
    make_boot_arguments
    make_qemu_command
    if $wants_dry_run; then
        if ((${#packer_command[@]} > 0)); then
            print_command "${packer_command[@]}"
        fi
        print_command "${qemu_command[@]}"
        return
    fi
    check_fit_size
    if $wants_gdb; then
        print_gdb_command
    fi
    save_terminal
    run_qemu
}

main "$@"
