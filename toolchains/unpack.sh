#!/usr/bin/env bash
# Unpacks Debian packages into the current folder so that the tree can be moved: one merged /usr, relative links, no dangling ones.
set -euo pipefail

mkdir -p usr/bin usr/lib usr/lib64 usr/sbin
for dir in bin lib lib64 sbin; do
    ln -s "usr/$dir" "$dir"
done
for package in "$@"; do
    dpkg-deb --fsys-tarfile "$package" | tar --extract --keep-directory-symlink --no-same-owner --no-same-permissions
done
rm -rf download bin lib lib64 sbin usr/share/doc usr/share/lintian usr/share/man usr/share/bug usr/share/locale

# Links that start at the root of a file system start at ours; /lib and friends are below /usr here.
find . -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    target=$(readlink "$link")
    case $target in
        /usr/*) ;;
        /bin/* | /lib/* | /lib64/* | /sbin/*) target=/usr$target ;;
    esac
    ln -snf "$(realpath --canonicalize-missing --relative-to="$(dirname "$link")" ".$target")" "$link"
done
find . -xtype l -delete
