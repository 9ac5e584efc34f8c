# What the runs of the benchmark of booting print -> "NAME NUMBER". Of a run we know its instructions and the characters that it had printed until then; so
# the difference that RAM makes is the scrubbing, and the difference that a longer name makes is what a character of the banner costs.

BEGIN { MORE_MEBIBYTES = 32 - 16; MEBIBYTES = 16 }

/bench boot/ {
    instructions[FILENAME] = substr($0, index($0, "bench boot") + 11) + 0
}

!(FILENAME in instructions) { characters[FILENAME] += length($0) + 1 }

END {
    printf "boot %d\n", instructions["plain"]
    if ("more_memory" in instructions) {
        mebibyte = (instructions["more_memory"] - instructions["plain"]) / MORE_MEBIBYTES
        character = (instructions["longer_name"] - instructions["plain"]) / (characters["longer_name"] - characters["plain"])
        printf "boot_sha256 %d\n", instructions["sha256"]
        printf "scrub_of_a_mebibyte %d\n", mebibyte
        printf "character %.1f\n", character
        printf "boot_without_scrub_and_banner %d\n", instructions["plain"] - MEBIBYTES * mebibyte - characters["plain"] * character
    }
}
