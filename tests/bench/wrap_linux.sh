#!/usr/bin/env bash
#
# wrap_linux.sh TRAMPOLINE LINUX OUTPUT: one Linux Image of a payload and, 2 MiB further on, a kernel. The header, which is the payload's, then says that it wants
# to be at the very start of RAM, where QEMU puts a kernel as well, and how much memory the two take.

set -euo pipefail

readonly linux_offset=$((2 << 20)) text_offset_field=8 size_field=16

# A number in eight bytes, at an offset of the output.
put_u64() {
    local index text=
    for ((index = 0; index < 8; index++)); do
        text+=$(printf '\\x%02x' $((($2 >> (8 * index)) & 255)))
    done
    printf '%b' "$text" | dd of="$output" bs=1 seek="$1" conv=notrunc status=none
}

trampoline=$1
linux=$2
output=$3
linux_size=$(od -An -t u8 -j "$size_field" -N 8 "$linux")

if (($(stat -L -c %s "$trampoline") > linux_offset)); then
    printf 'error: %s does not fit before the kernel\n' "$trampoline" >&2
    exit 1
fi
cat "$trampoline" >"$output"
chmod u+w "$output"
truncate -s "$linux_offset" "$output"
cat "$linux" >>"$output"
put_u64 "$text_offset_field" 0
put_u64 "$size_field" "$((linux_offset + linux_size))"
