"""split_elf: a program as machines start it, without symbols, and its symbols apart, for gdb."""

SplitElfInfo = provider(
    doc = "An ELF program in two files.",
    fields = {
        "program": "without symbols",
        "symbols": "symbols only",
    },
)

def _split(ctx, suffix, flag):
    output = ctx.actions.declare_file(ctx.label.name + suffix)
    ctx.actions.run(
        executable = ctx.executable._objcopy,
        arguments = [flag, ctx.file.elf.path, output.path],
        inputs = [ctx.file.elf],
        tools = ctx.files._llvm,
        outputs = [output],
        mnemonic = "SplitElf",
    )
    return output

def _impl(ctx):
    program = _split(ctx, ".program", "--strip-all")
    symbols = _split(ctx, ".symbols", "--only-keep-debug")
    return [
        DefaultInfo(files = depset([program, symbols])),
        SplitElfInfo(program = program, symbols = symbols),
    ]

split_elf = rule(
    implementation = _impl,
    attrs = {
        "elf": attr.label(mandatory = True, allow_single_file = True),
        "_llvm": attr.label(default = "@llvm//:all", cfg = "exec"),
        "_objcopy": attr.label(default = "@llvm//:bin/llvm-objcopy", allow_single_file = True, executable = True, cfg = "exec"),
    },
)
