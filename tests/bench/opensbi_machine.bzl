"""opensbi_machine: a machine that starts a guest's images under OpenSBI, to be measured beside our own (bench.sh)."""

load("//toolchains:riscv_transition.bzl", "riscv_transition")

_RUN = """#!/usr/bin/env bash
set -euo pipefail
if [[ -z ${{RUNFILES_DIR-}} ]]; then
    RUNFILES_DIR=$0.runfiles
fi
cd "$RUNFILES_DIR/{workspace}"
if [[ ${{1-}} == -- ]]; then
    shift
fi
exec "{qemu}" -M virt -cpu {cpu} -smp {harts} -m {memory} -display none -monitor none -serial stdio -no-reboot \\
    -bios "{firmware}" -kernel "{kernel}" -append "{bootargs}" {initrd} "$@"
"""

def _impl(ctx):
    qemu = [file for file in ctx.files.qemu if file.basename == "qemu-system-riscv%d" % ctx.attr.xlen][0]

    # Under a name of its own: built for both xlens it has the same one.
    image = ctx.actions.declare_file(ctx.label.name + ".image")
    ctx.actions.symlink(output = image, target_file = ctx.file.kernel)
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        output = executable,
        is_executable = True,
        content = _RUN.format(
            workspace = ctx.workspace_name,
            qemu = qemu.short_path,
            cpu = ctx.attr.cpu,
            harts = ctx.attr.harts,
            memory = ctx.attr.memory,
            firmware = ctx.file.firmware.short_path,
            kernel = image.short_path,
            bootargs = ctx.attr.bootargs,
            initrd = "-initrd \"%s\"" % ctx.file.initrd.short_path if ctx.file.initrd else "",
        ),
    )
    runfiles = ctx.runfiles(files = [ctx.file.firmware, image] + ctx.files.initrd + ctx.files.qemu)
    return [DefaultInfo(executable = executable, runfiles = runfiles)]

opensbi_machine = rule(
    implementation = _impl,
    executable = True,
    attrs = {
        "bootargs": attr.string(mandatory = True),
        "cpu": attr.string(mandatory = True, doc = "QEMU's -cpu."),
        "firmware": attr.label(mandatory = True, allow_single_file = True),
        "harts": attr.int(default = 1),
        "initrd": attr.label(allow_single_file = True, cfg = riscv_transition),
        "kernel": attr.label(mandatory = True, allow_single_file = True, cfg = riscv_transition, doc = "In Linux's Image format."),
        "memory": attr.string(default = "512M"),
        "qemu": attr.label(default = "@qemu10//:all"),
        "xlen": attr.int(mandatory = True, values = [32, 64]),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
)
