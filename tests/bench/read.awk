# What a machine printed -> "NAME NUMBER" for each result (bench.sh says which lines count).

match($0, /bench [a-z_]+ [0-9.]+/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    print word[2], word[3]
}

match($0, /share [a-z_]+ [0-9]+ [0-9]+ [0-9]+/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    span[word[2]] = word[3]
    own[word[2]] += word[4]
    times[word[2]] += word[5]
}

END {
    for (name in span) {
        if (times[name] > 0) {
            printf "%s %.1f\n", name, (span[name] - own[name]) / times[name]
        }
    }
}
