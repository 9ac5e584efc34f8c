#!/usr/bin/env bash
# Makes a newc archive: make_archive.sh OUTPUT CPIO (folder:PATH | link:PATH:TARGET | file:PATH:SOURCE)...
# Owner root, time 0, inode numbers in order: nothing of the build machine gets into the bytes.
set -euo pipefail
export LC_ALL=C

output=$PWD/$1 cpio=$PWD/$2
shift 2

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

for entry in "$@"; do
    IFS=: read -r kind name rest <<< "$entry"
    mkdir -p "$tree/$(dirname "$name")"
    case $kind in
        folder) mkdir -p "$tree/$name" ;;
        link) ln -s "$rest" "$tree/$name" ;;
        file) install -m 755 "$rest" "$tree/$name" ;;
    esac
done

cd "$tree"
find . -mindepth 1 -type d -exec chmod 755 {} +
find . -mindepth 1 -exec touch --no-dereference --date=@0 {} +
find . -mindepth 1 -printf '%P\n' | sort | "$cpio" --quiet --create --format=newc --reproducible --owner=+0:+0 > "$output"
