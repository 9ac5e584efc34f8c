"""Reads lock.tsv and downloads what it pins. Shared by debian_packages and debian_source."""

LOCK_ATTRS = {
    "set": attr.string(mandatory = True, doc = "The set of packages.tsv that this repository is made of."),
    "build_file": attr.label(mandatory = True, allow_single_file = True),
    "_lock": attr.label(default = "//toolchains:lock.tsv", allow_single_file = True),
    "_mirror": attr.label(default = "//toolchains:mirror.sh", allow_single_file = True),
    "_resolve": attr.label(default = "//toolchains:apt_resolve.sh", allow_single_file = True),
    "_spec": attr.label(default = "//toolchains:packages.tsv", allow_single_file = True),
}

LOCK_ENVIRON = ["DIOSIX_DEBIAN_MIRROR", "DIOSIX_STRICT"]

def _rows(text, set):
    rows = []
    for line in text.splitlines():
        field = line.split("\t")
        if line and not line.startswith("#") and field[0] == set:
            rows.append(struct(package = field[3], version = field[4], sha256 = field[5], path = field[7]))
    return rows

def _run(ctx, arguments):
    result = ctx.execute(arguments, timeout = 600)
    if result.return_code != 0:
        fail("%s: %s" % (ctx.name, result.stderr.strip()))
    return result.stdout

def _mirrors(ctx):
    mirrors = _run(ctx, ["bash", ctx.path(ctx.attr._mirror)]).splitlines()
    if not mirrors:
        fail("no Debian mirror found in this machine's apt sources: set DIOSIX_DEBIAN_MIRROR to the address of one")
    return mirrors

def _floats(ctx):
    for line in ctx.read(ctx.attr._spec).splitlines():
        field = line.split("\t")
        if field[0] == ctx.attr.set:
            return field[3] == "yes" and ctx.os.environ.get("DIOSIX_STRICT", "") in ["", "0"]
    fail("no set '%s' in toolchains/packages.tsv" % ctx.attr.set)

def _download_row(ctx, mirrors, row, may_fail):
    # rpartition: a package is saved under the name of its file, without its folder.
    file = "download/" + row.path.rpartition("/")[2]
    result = ctx.download(
        url = [mirror + "/" + row.path for mirror in mirrors],
        output = file,
        sha256 = row.sha256,
        allow_fail = may_fail,
    )
    return file if result.success else None

def _download_rows(ctx, mirrors, rows):
    files = []
    for row in rows:
        file = _download_row(ctx, mirrors, row, may_fail = True)
        if not file:
            return None, row
        files.append(file)
    return files, None

def _resolve_now(ctx, mirrors):
    return _run(ctx, ["bash", ctx.path(ctx.attr._resolve), ctx.path(ctx.attr._spec), mirrors[0], ctx.attr.set])

def lock_download(ctx):
    """Downloads the set of ctx into download/ and returns the paths of the files, in the order of the lock.

    A pin that no mirror has any more: a set that floats takes what the signed index names now and records that
    beside the lock (lock.floated.tsv); any other set fails with the command that renews the lock.
    """
    mirrors = _mirrors(ctx)
    rows = _rows(ctx.read(ctx.attr._lock), ctx.attr.set)
    if not rows:
        fail("toolchains/lock.tsv has no set '%s': run ./bazelw run //tools:relock" % ctx.attr.set)
    files, missing = _download_rows(ctx, mirrors, rows)
    if files:
        return files
    if not _floats(ctx):
        fail("%s %s is pinned in toolchains/lock.tsv but could not be fetched from %s. If it has left the pool, renew the lock with: ./bazelw run //tools:relock" %
             (missing.package, missing.version, " or ".join(mirrors)))

    text = _resolve_now(ctx, mirrors)
    record = ctx.path(ctx.attr._lock).dirname.get_child("lock.floated.tsv")
    _run(ctx, ["bash", "-c", "{ grep -sv \"^$1\t\" \"$2\"; printf '%s' \"$3\"; } > \"$2.new\"; mv \"$2.new\" \"$2\"", "-", ctx.attr.set, str(record), text])
    files, missing = _download_rows(ctx, mirrors, _rows(text, ctx.attr.set))
    if not files:
        fail("%s %s is named by the signed index but could not be fetched from %s" % (missing.package, missing.version, " or ".join(mirrors)))

    # buildifier: disable=print
    print("%s: a pinned package has left the pool; using what the signed index names now (recorded in toolchains/lock.floated.tsv)" % ctx.attr.set)
    return files
