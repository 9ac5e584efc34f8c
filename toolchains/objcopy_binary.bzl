"""objcopy_binary: the memory image of an ELF program, as a boot loader puts it into RAM."""

load("//toolchains:objcopy.bzl", "OBJCOPY_ATTRS", "objcopy")

def _impl(ctx):
    output = objcopy(ctx, ctx.file.src, ctx.label.name, "--output-target=binary", "ObjcopyBinary")
    return [DefaultInfo(files = depset([output]))]

objcopy_binary = rule(
    implementation = _impl,
    attrs = dict(OBJCOPY_ATTRS, src = attr.label(mandatory = True, allow_single_file = True)),
)
