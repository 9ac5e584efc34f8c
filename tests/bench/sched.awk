# What the payloads of :sched print -> "NAME NUMBER". Each run is a file with its name. Lines that are read:
#
#     bench NAME NUMBER               a result
#     share decide SPAN OWN TIMES     from each guest: what nobody had of the span, by all their times, is what a decision costs
#     [GUEST] had N rounds            of all rounds a guest's share, in thousandths; and how far it is from what it was promised, in hundredths of that
#                                     (of its period, for a reservation)

BEGIN {
    promised["one"] = 1000 / 7
    promised["two"] = 2000 / 7
    promised["four"] = 4000 / 7
    promised["reserved"] = 300
}

match($0, /bench [a-z_0-9]+ [0-9.]+/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    print word[2], word[3]
}

match($0, /share decide [0-9]+ [0-9]+ [0-9]+/) {
    split(substr($0, RSTART, RLENGTH), word, " ")
    span[FILENAME] = word[3]
    own[FILENAME] += word[4]
    times[FILENAME] += word[5]
}

match($0, /\[[a-z]+\] had [0-9]+ rounds/) {
    split(substr($0, RSTART + 1, RLENGTH - 1), word, /[] ]+/)
    rounds[FILENAME, word[1]] = word[3]
    all[FILENAME] += word[3]
}

function distance(a, b) {
    return a > b ? a - b : b - a
}

END {
    for (run in span) {
        if (times[run] > 0) {
            cost[run] = (span[run] - own[run]) / times[run]
            printf "%s %.1f\n", run, cost[run]
        }
    }
    if (cost["decide_4"] > 0) {
        printf "decide_256_to_4_percent %.1f\n", 100 * cost["decide_256"] / cost["decide_4"]
    }
    for (key in rounds) {
        split(key, part, SUBSEP)
        share = 1000 * rounds[key] / all[part[1]]
        if (part[2] in promised) {
            whole = part[1] == "reservation" ? 1000 : promised[part[2]]
            printf "%s_%s_off_percent %.2f\n", part[1], part[2], 100 * distance(share, promised[part[2]]) / whole
        }
    }
}
