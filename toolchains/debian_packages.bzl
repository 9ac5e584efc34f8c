"""debian_packages: a repository made of pinned Debian packages, unpacked and made relocatable."""

load(":lock.bzl", "LOCK_ATTRS", "LOCK_ENVIRON", "lock_download")

# Runs a packaged program with the libraries it was packaged with, whatever the machine has. $0's folder is bin/ of the repository. The
# program is told our name for its own, so that one which starts itself once more (clang does, for assembly) comes back here.
_WRAPPER = """#!/bin/bash
root=${{0%/*}}/..
lib=$root/usr/lib/x86_64-linux-gnu
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib{extra}" --argv0 "$0" "$root/{program}" {arguments}"$@"
"""

def _impl(ctx):
    files = lock_download(ctx)
    unpacked = ctx.execute(["bash", ctx.path(ctx.attr._unpack)] + files, timeout = 600)
    if unpacked.return_code != 0:
        fail("%s: %s" % (ctx.name, unpacked.stderr))
    if ctx.attr.setup:
        result = ctx.execute(["bash", "-euc", ctx.attr.setup])
        if result.return_code != 0:
            fail("%s: setup: %s" % (ctx.name, result.stderr))
    for name, program in ctx.attr.programs.items():
        ctx.file("bin/" + name, _WRAPPER.format(
            program = program,
            extra = "".join([":$root/" + folder for folder in ctx.attr.library_folders]),
            arguments = "".join([argument + " " for argument in ctx.attr.program_arguments.get(name, [])]),
        ))
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

debian_packages = repository_rule(
    implementation = _impl,
    attrs = dict(
        LOCK_ATTRS,
        programs = attr.string_dict(doc = "Name in bin/ -> path of the program in the packages."),
        program_arguments = attr.string_list_dict(doc = "Name in bin/ -> arguments always given first."),
        library_folders = attr.string_list(doc = "Further library folders, from the root of the repository."),
        setup = attr.string(doc = "Shell commands, run in the root after unpacking: prune, arrange."),
        _unpack = attr.label(default = "//toolchains:unpack.sh", allow_single_file = True),
    ),
    environ = LOCK_ENVIRON,
    doc = "Debian packages of one set of lock.tsv, unpacked into one tree.",
)
