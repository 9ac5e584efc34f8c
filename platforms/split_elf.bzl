"""split_elf: a program as machines start it, without symbols, and its symbols apart, for gdb."""

load("//toolchains:objcopy.bzl", "OBJCOPY_ATTRS", "objcopy")

SplitElfInfo = provider(
    doc = "An ELF program in two files.",
    fields = {
        "program": "without symbols",
        "symbols": "symbols only",
    },
)

def _impl(ctx):
    program = objcopy(ctx, ctx.file.elf, ctx.label.name + ".program", "--strip-all", "SplitElf")
    symbols = objcopy(ctx, ctx.file.elf, ctx.label.name + ".symbols", "--only-keep-debug", "SplitElf")
    return [
        DefaultInfo(files = depset([program, symbols])),
        SplitElfInfo(program = program, symbols = symbols),
    ]

split_elf = rule(
    implementation = _impl,
    attrs = dict(OBJCOPY_ATTRS, elf = attr.label(mandatory = True, allow_single_file = True)),
)
