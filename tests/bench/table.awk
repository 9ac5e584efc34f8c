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
    if (!($1 in bound) && !($1 in ours)) {
        order[count++] = $1
        target[$1] = "-"
    }
    add(ours, ours_count, $1, $2)
    next
}

{ add(opensbi, opensbi_count, $1, $2) }

# One more result into the mean.
function add(means, counts, name, result) {
    counts[name]++
    means[name] += (result - means[name]) / counts[name]
}

function complain(text) {
    printf "error: %s, %s\n", title, text
    failed = 1
}

function check(name) {
    if (!(name in ours)) {
        complain(name " was not measured")
    } else if (!(name in bound)) {
        complain(name " is " number(ours, name) " and has no bound")
    } else if (ours[name] > bound[name] + 0) {
        complain(name " is " number(ours, name) ", above its bound of " bound[name])
    }
}

function ratio(name) {
    return (name in ours) && (name in opensbi) ? sprintf("%.3f", ours[name] / opensbi[name]) : "-"
}

function number(means, name) {
    return name in means ? sprintf("%.1f", means[name]) : "-"
}

function print_row(what, one, other, times, limit, wanted) {
    printf "%-30s %13s %13s %8s %13s %10s\n", what, one, other, times, limit, wanted
}

END {
    if (mode == "--compare") {
        print_row(title, "ours", "OpenSBI", "ratio", "bound", "target")
    }
    for (row = 0; row < count; row++) {
        name = order[row]
        if (mode == "--compare") {
            print_row(name, number(ours, name), number(opensbi, name), ratio(name), number(bound, name), target[name])
        } else if (mode == "--bounds") {
            printf "%s\t%s\t%.1f\t%s\n", name, variant, ours[name] * 1.03, target[name]
        } else {
            check(name)
        }
    }
    exit failed
}
