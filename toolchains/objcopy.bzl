"""objcopy: what the rules that make other files of an ELF program share."""

OBJCOPY_ATTRS = {
    "_llvm": attr.label(default = "@llvm//:all", cfg = "exec"),
    "_objcopy": attr.label(default = "@llvm//:bin/llvm-objcopy", allow_single_file = True, executable = True, cfg = "exec"),
}

def objcopy(ctx, elf, name, flag, mnemonic):
    """Declares a file made from an ELF program; the rule has OBJCOPY_ATTRS.

    Args:
      ctx: the rule's context.
      elf: the program, a File.
      name: of the new file.
      flag: of llvm-objcopy, what to make.
      mnemonic: of the action.

    Returns:
      The new File.
    """
    output = ctx.actions.declare_file(name)
    ctx.actions.run(
        executable = ctx.executable._objcopy,
        arguments = [flag, elf.path, output.path],
        inputs = [elf],
        tools = ctx.files._llvm,
        outputs = [output],
        mnemonic = mnemonic,
    )
    return output
