"""bench: a benchmark of our kernel beside OpenSBI, and tests that hold its results (docs/performance.md)."""

load("//platforms:guest.bzl", "guest")
load("//platforms:platform.bzl", "diosix_platform")
load(":opensbi_machine.bzl", "opensbi_machine")

_RUN = """#!/usr/bin/env bash
set -euo pipefail
if [[ -z ${{RUNFILES_DIR-}} ]]; then
    RUNFILES_DIR=$(realpath -s "$0").runfiles
    export RUNFILES_DIR
fi
cd "$RUNFILES_DIR/{workspace}"
{commands}
"""

def _executable(target):
    return target[DefaultInfo].files_to_run.executable

def _write_script(ctx, commands, files, targets):
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        output = executable,
        is_executable = True,
        content = _RUN.format(workspace = ctx.workspace_name, commands = "\n".join(commands)),
    )
    runfiles = ctx.runfiles(files = files + [_executable(target) for target in targets])
    for target in targets:
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = executable, runfiles = runfiles)]

def _variant_impl(ctx):
    words = ["exec", ctx.file._script.short_path, "--title", ctx.attr.title, "--variant", ctx.attr.variant]
    words += ["--bounds-file", ctx.file.bounds.short_path]
    for option, targets in [("--ours", ctx.attr.ours), ("--opensbi", ctx.attr.opensbi)]:
        for target in targets:
            words += [option, _executable(target).short_path]
    command = " ".join(["'%s'" % word for word in words]) + " \"$@\""
    return _write_script(ctx, [command], [ctx.file._script, ctx.file.bounds] + ctx.files._awk, ctx.attr.ours + ctx.attr.opensbi)

_variant_test = rule(
    implementation = _variant_impl,
    test = True,
    attrs = {
        "bounds": attr.label(mandatory = True, allow_single_file = True),
        "opensbi": attr.label_list(cfg = "target"),
        "ours": attr.label_list(mandatory = True, cfg = "target"),
        "title": attr.string(mandatory = True),
        "variant": attr.string(mandatory = True),
        "_awk": attr.label_list(default = ["//tests/bench:read.awk", "//tests/bench:table.awk"], allow_files = True),
        "_script": attr.label(default = "//tests/bench:bench.sh", allow_single_file = True),
    },
)

def _bench_impl(ctx):
    mode = "\"${@:---compare}\""
    commands = ["'%s' %s" % (_executable(target).short_path, mode) for target in ctx.attr.variants]
    return _write_script(ctx, commands, [], ctx.attr.variants)

_bench = rule(
    implementation = _bench_impl,
    executable = True,
    attrs = {"variants": attr.label_list(mandatory = True, cfg = "target")},
)

def _machines(name, payload, cpu, xlen, harts, guests):
    """NAME_ours, and NAME_opensbi if there is one guest: the same payload on the same CPU."""
    for guest_name in guests:
        guest(
            name = name + "_" + guest_name,
            bootargs = "emulated",
            guest_name = guest_name,
            kernel = payload,
            memory = "16M",
            tags = ["manual"],
            testonly = True,
            vcpus = harts,
        )
    diosix_platform(
        name = name + "_ours",
        cpu = cpu,
        guests = [":" + name + "_" + guest_name for guest_name in guests],
        harts = harts,
        tags = ["manual"],
        testonly = True,
        xlen = xlen,
    )
    if len(guests) == 1:
        opensbi_machine(
            name = name + "_opensbi",
            bootargs = "bare",
            cpu = cpu,
            firmware = "@opensbi//:fw_dynamic_rv%d.bin" % xlen,
            harts = harts,
            kernel = payload,
            tags = ["manual"],
            testonly = True,
            xlen = xlen,
        )

def bench(name, bounds, cpus, runs):
    """NAME, which prints a table for each kind of CPU, and a test NAME_VARIANT for each, which holds our results.

    Args:
      name: of the benchmark.
      bounds: file of bounds (bench.sh).
      cpus: variant -> QEMU's CPU model.
      runs: name -> attributes of a run: payload, harts, guests (names; more than one: only ours can do that).
    """
    for variant, cpu in cpus.items():
        xlen = 32 if cpu.startswith("rv32") else 64
        ours = []
        opensbi = []
        for run, attributes in runs.items():
            machine = "%s_%s_%s" % (name, variant, run)
            guests = attributes.get("guests", ["guest"])
            _machines(
                name = machine,
                payload = attributes["payload"],
                cpu = cpu,
                xlen = xlen,
                harts = attributes.get("harts", 1),
                guests = guests,
            )
            ours.append(":%s_ours" % machine)
            if len(guests) == 1:
                opensbi.append(":%s_opensbi" % machine)
        _variant_test(
            name = "%s_%s" % (name, variant),
            size = "medium",
            bounds = bounds,
            opensbi = opensbi,
            ours = ours,
            tags = ["system"],
            title = cpu,
            variant = variant,
        )
    _bench(
        name = name,
        testonly = True,
        variants = [":%s_%s" % (name, variant) for variant in cpus],
    )
