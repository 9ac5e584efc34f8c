"""objcopy_binary: the memory image of an ELF program, as a boot loader puts it into RAM."""

def _impl(ctx):
    output = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.run(
        executable = ctx.executable._objcopy,
        arguments = ["--output-target=binary", ctx.file.src.path, output.path],
        inputs = [ctx.file.src],
        tools = ctx.files._llvm,
        outputs = [output],
        mnemonic = "ObjcopyBinary",
    )
    return [DefaultInfo(files = depset([output]))]

objcopy_binary = rule(
    implementation = _impl,
    attrs = {
        "src": attr.label(mandatory = True, allow_single_file = True),
        "_llvm": attr.label(default = "@llvm//:all", cfg = "exec"),
        "_objcopy": attr.label(default = "@llvm//:bin/llvm-objcopy", allow_single_file = True, executable = True, cfg = "exec"),
    },
)
