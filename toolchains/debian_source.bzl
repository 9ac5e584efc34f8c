"""debian_source: a repository made of a pinned upstream tarball."""

load(":lock.bzl", "LOCK_ATTRS", "LOCK_ENVIRON", "lock_download")

# Bazel could unpack these itself, but the one of Debian 13 fails at it; and a machine need not have xz and bzip2.
_DECOMPRESSORS = {
    "bz2": "bzip2",
    "gz": "gzip",
    "xz": "xz",
}

def _decompressor(ctx, file):
    name = _DECOMPRESSORS[file.rpartition(".")[2]]
    return name if name == "gzip" else str(ctx.path(ctx.attr._archivers).dirname.get_child("bin").get_child(name))

def _impl(ctx):
    for file in lock_download(ctx):
        # Whatever the one folder in the tarball is called, its contents are the root of the repository.
        result = ctx.execute(["tar", "--extract", "--strip-components=1", "--no-same-owner", "--use-compress-program", _decompressor(ctx, file), "--file", file])
        if result.return_code != 0:
            fail("%s: %s" % (ctx.name, result.stderr))
    ctx.delete("download")
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

debian_source = repository_rule(
    implementation = _impl,
    attrs = dict(LOCK_ATTRS, _archivers = attr.label(default = "@archivers//:BUILD.bazel", allow_single_file = True)),
    environ = LOCK_ENVIRON,
    doc = "An upstream tarball of lock.tsv with a BUILD file of ours.",
)
