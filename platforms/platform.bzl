"""diosix_platform: a machine, what runs on it, and how it is started.

Building it gives the kernel (NAME.kernel, NAME.symbols with its symbols), the guests' FIT (NAME.fit) and their checksums (NAME.sha256); running it
starts the machine. What stands after `--` on the command line of `bazel run` goes to tools/runner.
"""

load("//platforms:guest.bzl", "GuestInfo")
load("//platforms:split_elf.bzl", "SplitElfInfo")
load("//toolchains:riscv_transition.bzl", "riscv_transition")

_RUN = """#!/usr/bin/env bash
set -euo pipefail
if [[ -z ${{RUNFILES_DIR-}} ]]; then
    RUNFILES_DIR=$0.runfiles
fi
cd "$RUNFILES_DIR/{workspace}"
exec "{runner}" --platform {name} --xlen {xlen} --machine {machine} --cpu {cpu} --harts {harts} --memory-total {memory} \\
    --kernel-elf "{kernel}" --symbols "{symbols}" --fit "{fit}" --packer "{packer}" --qemu "{qemu}" --gdb "{gdb}"{boot} "$@"
"""

def _only(files, what):
    if len(files) != 1:
        fail("%s is %d files; one is needed" % (what, len(files)))
    return files[0]

def _name_kernel(ctx):
    """The one kernel that all have, by the platform's own name."""
    kernel = ctx.actions.declare_file(ctx.label.name + ".kernel")
    symbols = ctx.actions.declare_file(ctx.label.name + ".symbols")
    split = _only(ctx.attr.kernel, "kernel")[SplitElfInfo]
    ctx.actions.symlink(output = kernel, target_file = split.program)
    ctx.actions.symlink(output = symbols, target_file = split.symbols)
    return kernel, symbols

def _pack(ctx):
    fit = ctx.actions.declare_file(ctx.label.name + ".fit")
    arguments = ctx.actions.args()
    arguments.add("--output", fit)
    arguments.add("--hash", ctx.attr.hash)
    arguments.add("--xlen", str(ctx.attr.xlen))
    inputs = []
    for target in ctx.attr.guests:
        arguments.add_all(target[GuestInfo].arguments)
        inputs += target[GuestInfo].files
    ctx.actions.run(
        executable = ctx.executable._packer,
        arguments = [arguments],
        inputs = inputs,
        outputs = [fit],
        mnemonic = "PackGuests",
        progress_message = "Packing the guests of %s" % ctx.label,
    )
    return fit

def _checksum(ctx, files):
    output = ctx.actions.declare_file(ctx.label.name + ".sha256")
    ctx.actions.run_shell(
        command = "out=$PWD/$1 && cd \"$(dirname \"$2\")\" && shift && for f; do sha256sum \"${f##*/}\"; done > \"$out\"",
        arguments = [output.path] + [file.path for file in files],
        inputs = files,
        outputs = [output],
        mnemonic = "ChecksumImages",
    )
    return output

def _impl(ctx):
    kernel, symbols = _name_kernel(ctx)
    fit = _pack(ctx)
    checksum = _checksum(ctx, [kernel, fit])
    qemu = _only([
        file
        for file in ctx.files.qemu
        if file.basename == "qemu-system-riscv%d" % ctx.attr.xlen
    ], "qemu")
    gdb = _only([file for file in ctx.files.gdb if file.basename == "gdb-multiarch"], "gdb")
    ctx.actions.write(
        output = ctx.outputs.executable,
        is_executable = True,
        content = _RUN.format(
            workspace = ctx.workspace_name,
            runner = ctx.file._runner.short_path,
            name = ctx.label.name,
            xlen = ctx.attr.xlen,
            machine = ctx.attr.machine,
            cpu = ctx.attr.cpu,
            harts = ctx.attr.harts,
            memory = ctx.attr.memory,
            kernel = kernel.short_path,
            symbols = symbols.short_path,
            fit = fit.short_path,
            packer = ctx.executable._packer.short_path,
            qemu = qemu.short_path,
            gdb = gdb.short_path,
            boot = " --boot '%s'" % ctx.attr.boot_arguments if ctx.attr.boot_arguments else "",
        ),
    )
    images = [kernel, symbols, fit]
    runfiles = ctx.runfiles(files = images + [ctx.file._runner, ctx.executable._packer] + ctx.files.qemu + ctx.files.gdb)
    return [DefaultInfo(files = depset(images + [checksum]), runfiles = runfiles)]

diosix_platform = rule(
    implementation = _impl,
    executable = True,
    attrs = {
        "boot_arguments": attr.string(doc = "The kernel's, without quotes."),
        "cpu": attr.string(mandatory = True, doc = "QEMU's -cpu."),
        "gdb": attr.label(default = "@gdb//:all"),
        "guests": attr.label_list(providers = [GuestInfo], cfg = riscv_transition, mandatory = True),
        "harts": attr.int(default = 4),
        "hash": attr.string(default = "sha256", values = ["crc32", "sha256"], doc = "How the guests' images are protected against damage."),
        "kernel": attr.label(default = "//kernel:images", cfg = riscv_transition, providers = [SplitElfInfo]),
        "machine": attr.string(default = "virt", doc = "QEMU's -M."),
        "memory": attr.string(default = "512M", doc = "RAM of the machine."),
        "qemu": attr.label(default = "@qemu10//:all"),
        "xlen": attr.int(mandatory = True, values = [32, 64]),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
        "_packer": attr.label(default = "//tools/packer", executable = True, cfg = "exec"),
        "_runner": attr.label(default = "//tools/runner:runner.sh", allow_single_file = True),
    },
)
