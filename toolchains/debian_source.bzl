"""debian_source: a repository made of a pinned upstream tarball."""

load(":lock.bzl", "LOCK_ATTRS", "LOCK_ENVIRON", "lock_download")

def _impl(ctx):
    for file in lock_download(ctx):
        ctx.extract(file, output = "unpacked")

    # Whatever the one folder in the tarball is called.
    result = ctx.execute(["bash", "-euc", "mv unpacked/*/* . && rm -rf unpacked download"])
    if result.return_code != 0:
        fail("%s: %s" % (ctx.name, result.stderr))
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

debian_source = repository_rule(
    implementation = _impl,
    attrs = LOCK_ATTRS,
    environ = LOCK_ENVIRON,
    doc = "An upstream tarball of lock.tsv with a BUILD file of ours.",
)
