# What the run with Linux prints -> "NAME NUMBER". linux_entry is when Linux's first instruction was executed, which was put off until the same time
# under both kernels (trampoline.c); so the whole way is the way to the trampoline and the way from there.

match($0, /bench [a-z_0-9]+ [0-9.]+/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    result[word[2]] = word[3]
    if (word[2] !~ /linux_entry|init_reached|all_settled/) {
        print word[2], word[3]
    }
}

END {
    if ("all_settled" in result) {
        entry_to_init = result["init_reached"] - result["linux_entry"]
        print "linux_to_init", entry_to_init
        print "linux_to_idle", result["all_settled"] - result["linux_entry"]
        print "reset_to_init", result["reset_to_linux"] + entry_to_init
    }
}
