# What payloads print -> "NAME NUMBER". Lines that are read, wherever in a line of the console they stand:
#
#     bench NAME NUMBER               a result
#     share NAME SPAN OWN TIMES       from each of several guests in the same span: the result is what nobody had of it, by all their times

match($0, /bench [a-z_0-9]+ [0-9.]+/) {
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
