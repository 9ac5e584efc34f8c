"""section_sizes: a program that prints how long the sections of an ELF are, in the lines that a benchmark reads (read.awk)."""

_MEASURE = """
{{ echo '#!/bin/sh'
   echo 'cat << END'
   {size} --format=sysv {elf} | awk '/^\\.(text|rodata|data|bss) / {{ print "bench", substr($1, 2), $2 }}'
   echo END
}} > {output}
"""

def _impl(ctx):
    elf = [file for file in ctx.files.elf if file.extension in ["elf", "kernel"]][0]
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.run_shell(
        command = _MEASURE.format(size = ctx.executable._size.path, elf = elf.path, output = executable.path),
        inputs = [elf],
        tools = ctx.files._llvm + [ctx.executable._size],
        outputs = [executable],
        mnemonic = "SectionSizes",
    )
    return [DefaultInfo(executable = executable)]

section_sizes = rule(
    implementation = _impl,
    executable = True,
    attrs = {
        "elf": attr.label(mandatory = True, allow_files = True, doc = "What comes with a file .kernel or .elf."),
        "_llvm": attr.label(default = "@llvm//:all", cfg = "exec"),
        "_size": attr.label(default = "@llvm//:bin/llvm-size", allow_single_file = True, executable = True, cfg = "exec"),
    },
)
