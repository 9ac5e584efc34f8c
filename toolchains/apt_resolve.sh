#!/usr/bin/env bash
# Resolves package sets of packages.tsv with apt against Debian's signed indexes, and prints lock.tsv rows.
#
#   apt_resolve.sh PACKAGES_TSV MIRROR SET...
#
# Called by the relock tool and by the repository rule when a pinned file has left its pool. Nothing of the machine's own apt is used or
# changed: apt runs with a private configuration, and its check of the Release signature against the Debian keyring is what
# makes the checksums trustworthy.
set -euo pipefail

spec=$1 mirror=${2%/}
shift 2

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[[ -r $keyring ]] || { echo "apt_resolve: $keyring is missing: install the package debian-archive-keyring" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prepares the indexes of one suite and architecture, once; prints nothing. apt reads APT_CONFIG.
use_index() {
    local suite=$1 arch=$2 dir=$work/$1-$2
    export APT_CONFIG=$dir/apt.conf
    [[ ! -e $APT_CONFIG ]] || return 0
    mkdir -p "$dir"/{etc,lists/partial,cache/archives/partial,state,empty}
    : > "$dir/state/status"
    printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$mirror" "$suite" deb-src "$keyring" "$mirror" "$suite" \
        > "$dir/etc/sources.list"
    cat > "$APT_CONFIG" <<CONF
Dir::Etc::sourcelist "$dir/etc/sources.list";
Dir::Etc::sourceparts "$dir/empty"; Dir::Etc::parts "$dir/empty"; Dir::Etc::preferencesparts "$dir/empty";
Dir::State "$dir/state"; Dir::State::lists "$dir/lists"; Dir::State::status "$dir/state/status"; Dir::Cache "$dir/cache";
APT::Architecture "$arch"; APT::Architectures { "$arch"; }; APT::Install-Recommends "false"; Acquire::Languages "none";
APT::Update::Error-Mode "any"; APT::Sandbox::User "root";
CONF
    apt-get -qq update >&2
}

# Binary packages: the closure of the roots, less what packages.tsv drops.
resolve_binary() {
    local set=$1 suite=$2 arch=$3 roots=$4 drop=$5
    use_index "$suite" "$arch"
    # shellcheck disable=SC2086  # roots is a list
    apt-get -qq --yes --print-uris install $roots | sed -nE "s/^'[^']*' ([^_]+)_.*/\1/p" | LC_ALL=C sort -u |
        { grep -vxE "$drop" || true; } > "$work/names"
    [[ -s $work/names ]] || { echo "apt_resolve: set $set comes to no package at all" >&2; exit 1; }
    xargs apt-cache --no-all-versions show < "$work/names" | awk -v RS= -v OFS='\t' -v set="$set" -v suite="$suite" -v arch="$arch" '
        {
            split("", field)
            count = split($0, lines, "\n")
            for (i = 1; i <= count; i++)
                if (match(lines[i], /^[A-Za-z0-9-]+: /))
                    field[substr(lines[i], 1, RLENGTH - 2)] = substr(lines[i], RLENGTH + 1)
            print set, suite, arch, field["Package"], field["Version"], field["SHA256"], field["Size"], field["Filename"]
        }'
}

# Upstream tarballs: the .orig file that the source package's signed index names.
resolve_source() {
    local set=$1 suite=$2 roots=$3
    use_index "$suite" amd64
    apt-cache --only-source showsrc "$roots" | awk -v OFS='\t' -v set="$set" -v suite="$suite" -v name="$roots" '
        /^Package: / {orig = ""}
        /^Version: / {version = $2}
        /^[A-Z]/ {sums = ($1 == "Checksums-Sha256:")}
        sums && $3 ~ /\.orig\.tar\.[a-z0-9]+$/ {sum = $1; size = $2; orig = $3}
        /^Directory: / {dir = $2}
        /^$/ && orig {print set, suite, "source", name, version, sum, size, dir "/" orig}' | tail -n 1
}

for wanted in "$@"; do
    row=$(grep -P "^\Q$wanted\E\t" "$spec") || { echo "apt_resolve: no set '$wanted' in $spec" >&2; exit 1; }
    IFS=$'\t' read -r set suite arch _ roots drop <<< "$row"
    if [[ $arch == source ]]; then
        resolve_source "$set" "$suite" "$roots"
    else
        resolve_binary "$set" "$suite" "$arch" "$roots" "$drop"
    fi
done
