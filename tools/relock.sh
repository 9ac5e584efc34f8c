#!/usr/bin/env bash
# Renews toolchains/lock.tsv from Debian's signed indexes and prints what changed: ./bazelw run //tools:relock [-- SET...]
# Without names, all sets of toolchains/packages.tsv.
set -euo pipefail

usage() {
    cat <<'HELP'
usage: ./bazelw run //tools:relock [-- SET...]

Renews toolchains/lock.tsv (all sets of toolchains/packages.tsv, or those named) from Debian's signed indexes, and prints
the packages that changed. DIOSIX_DEBIAN_MIRROR chooses the mirror; without it, this machine's is used.
HELP
}

if [[ ${1-} == --help ]]; then
    usage
    exit
fi
: "${BUILD_WORKSPACE_DIRECTORY:?run this with: ./bazelw run //tools:relock}"
cd "$BUILD_WORKSPACE_DIRECTORY/toolchains"

mapfile -t sets < <(grep -v '^#' packages.tsv | cut -f1)
wanted=("${@:-${sets[@]}}")
for set in "${wanted[@]}"; do
    grep -qP "^\Q$set\E\t" packages.tsv || { echo "relock: no set '$set' in toolchains/packages.tsv; there are: ${sets[*]}" >&2; exit 2; }
done

mapfile -t mirrors < <(bash mirror.sh)
((${#mirrors[@]} > 0)) || { echo "relock: no Debian mirror found in this machine's apt sources: set DIOSIX_DEBIAN_MIRROR" >&2; exit 1; }

new=$(mktemp)
trap 'rm -f "$new"' EXIT
echo "resolving ${#wanted[@]} sets..." >&2
bash apt_resolve.sh packages.tsv "${mirrors[0]}" "${wanted[@]}" > "$new.rows"

# The header, then every set in the order of packages.tsv: new where it was wanted, else as it was.
{
    grep '^#' lock.tsv
    for set in "${sets[@]}"; do
        if [[ " ${wanted[*]} " == *" $set "* ]]; then
            grep -P "^\Q$set\E\t" "$new.rows"
        else
            grep -P "^\Q$set\E\t" lock.tsv || true
        fi
    done
} > "$new"
rm -f "$new.rows"

if diff <(grep -v '^#' lock.tsv | cut -f1,4,5) <(grep -v '^#' "$new" | cut -f1,4,5) > "$new.diff"; then
    echo "nothing changed"
else
    sed -nE 's/^< /was  /p; s/^> /now  /p' "$new.diff"
fi
rm -f "$new.diff" lock.floated.tsv
cat "$new" > lock.tsv
