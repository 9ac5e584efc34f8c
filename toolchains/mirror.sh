#!/usr/bin/env bash
# Prints the Debian mirrors of this machine, one a line, best first. DIOSIX_DEBIAN_MIRROR overrides.
#
# --print-uris reads only the configured sources, so this works before a first "apt-get update" and without the network.
set -euo pipefail

if [[ -n ${DIOSIX_DEBIAN_MIRROR:-} ]]; then
    printf '%s\n' "${DIOSIX_DEBIAN_MIRROR%/}"
    exit
fi
apt-get update --print-uris 2>/dev/null |
    sed -nE "s#^'([a-z]+://[^']+)/dists/(bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)/(InRelease|Release)'.*#\1#p" |
    awk '!seen[$0]++'
