# The bounds, our results and OpenSBI's, in this order -> a table, or new bounds; fails where a bound does not hold.
# Variables: mode, title, variant (bench.sh).

FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && $2 == variant) {
        order[count++] = $1
        bound[$1] = $3
        target[$1] = $4
    }
    next
}

FILENAME == ARGV[2] {
    if (!($1 in bound)) {
        order[count++] = $1
        target[$1] = "-"
    }
    ours[$1] = $2
    next
}

{ opensbi[$1] = $2 }

function complain(text) {
    printf "error: %s, %s\n", title, text
    failed = 1
}

function check(name) {
    if (!(name in ours)) {
        complain(name " was not measured")
    } else if (!(name in bound)) {
        complain(name " is " ours[name] " and has no bound")
    } else if (ours[name] + 0 > bound[name] + 0) {
        complain(name " is " ours[name] ", above its bound of " bound[name])
    }
}

function ratio(name) {
    return (name in ours) && (name in opensbi) ? sprintf("%.3f", ours[name] / opensbi[name]) : "-"
}

function text(table, name) {
    return name in table ? table[name] : "-"
}

END {
    if (mode == "--compare") {
        printf "%-24s %12s %12s %8s %12s %10s\n", title, "ours", "OpenSBI", "ratio", "bound", "target"
    }
    for (row = 0; row < count; row++) {
        name = order[row]
        if (mode == "--compare") {
            printf "%-24s %12s %12s %8s %12s %10s\n", name, text(ours, name), text(opensbi, name), ratio(name), text(bound, name), target[name]
        } else if (mode == "--bounds") {
            printf "%s\t%s\t%.1f\t%s\n", name, variant, ours[name] * 1.03, target[name]
        } else {
            check(name)
        }
    }
    exit failed
}
