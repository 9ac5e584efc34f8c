"""cpio_archive: an initial ramdisk in the newc format, the same bytes from the same files."""

def _impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name + ".cpio")
    arguments = ctx.actions.args()
    arguments.add(output)
    arguments.add(ctx.executable._cpio)
    arguments.add_all(ctx.attr.folders, format_each = "folder:%s")
    arguments.add_all(["link:%s:%s" % (name, target) for name, target in ctx.attr.links.items()])
    for target, name in ctx.attr.files.items():
        files = target.files.to_list()
        if len(files) != 1:
            fail("%s: %s is %d files; one is needed for '%s'" % (ctx.label, target.label, len(files), name))
        arguments.add(files[0], format = "file:" + name + ":%s")
    ctx.actions.run(
        executable = ctx.executable._make,
        arguments = [arguments],
        inputs = ctx.files.files,
        tools = ctx.files._cpio_files,
        outputs = [output],
        mnemonic = "CpioArchive",
    )
    return [DefaultInfo(files = depset([output]))]

cpio_archive = rule(
    implementation = _impl,
    attrs = {
        "files": attr.label_keyed_string_dict(allow_files = True, doc = "File -> its path in the archive; all are executable."),
        "folders": attr.string_list(doc = "Folders, parents first."),
        "links": attr.string_dict(doc = "Path of a symbolic link -> what it points to."),
        "_cpio": attr.label(default = "@cpio//:bin/cpio", allow_single_file = True, executable = True, cfg = "exec"),
        "_cpio_files": attr.label(default = "@cpio//:all", cfg = "exec"),
        "_make": attr.label(default = "//tools/cpio:make_archive.sh", allow_single_file = True, executable = True, cfg = "exec"),
    },
)
