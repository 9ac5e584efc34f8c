"""bench: a benchmark of our kernel beside OpenSBI, and tests that hold its results (docs/performance.md)."""

load("//platforms:guest.bzl", "guest")
load("//platforms:platform.bzl", "diosix_platform")
load(":opensbi_machine.bzl", "opensbi_machine")
load(":section_sizes.bzl", "section_sizes")

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
    words = ["--title", ctx.attr.title, "--variant", ctx.attr.variant]
    words += ["--seeds", str(ctx.attr.seeds)]
    words += ["--bounds-file", ctx.file.bounds.short_path, "--reader", ctx.file.reader.short_path, "--table", ctx.file._table.short_path]
    if ctx.attr.tree_address:
        words += ["--tree", ctx.attr.tree_address]
    targets = []
    for option, machines in [("--ours", ctx.attr.ours), ("--opensbi", ctx.attr.opensbi)]:
        for target, run in machines.items():
            words += ["--shift", ctx.attr.shifts.get(run, "0"), option, run, _executable(target).short_path]
            targets.append(target)
    command = "exec '%s' %s \"$@\"" % (ctx.file._script.short_path, " ".join(["'%s'" % word for word in words]))
    return _write_script(ctx, [command], [ctx.file._script, ctx.file._table, ctx.file.bounds, ctx.file.reader], targets)

_variant_test = rule(
    implementation = _variant_impl,
    test = True,
    attrs = {
        "bounds": attr.label(mandatory = True, allow_single_file = True),
        "opensbi": attr.label_keyed_string_dict(doc = "Machine -> name of the run."),
        "ours": attr.label_keyed_string_dict(mandatory = True, doc = "Machine -> name of the run."),
        "reader": attr.label(mandatory = True, allow_single_file = True),
        "seeds": attr.int(),
        "shifts": attr.string_dict(doc = "Run -> the shift, where it is not 0."),
        "title": attr.string(mandatory = True),
        "tree_address": attr.string(),
        "variant": attr.string(mandatory = True),
        "_script": attr.label(default = "//tests/bench:bench.sh", allow_single_file = True),
        "_table": attr.label(default = "//tests/bench:table.awk", allow_single_file = True),
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

def _attributes(guests):
    return guests if type(guests) == "dict" else {guest_name: {} for guest_name in guests}

def _machines(
        name,
        cpu,
        xlen,
        payload,
        bootargs = "emulated",
        bootargs_opensbi = "bare",
        guests = ["guest"],
        harts = 1,
        hash = "crc32",
        initrd = None,
        memory = "16M",
        only_ours = False):
    """NAME_ours and NAME_opensbi: the same payload on the same CPU."""
    for guest_name, attributes in _attributes(guests).items():
        guest(
            name = name + "_" + guest_name,
            bootargs = bootargs,
            guest_name = guest_name,
            initrd = initrd,
            kernel = payload,
            memory = memory,
            tags = ["manual"],
            testonly = True,
            **dict({"vcpus": harts}, **attributes)
        )
    diosix_platform(
        name = name + "_ours",
        cpu = cpu,
        guests = [":" + name + "_" + guest_name for guest_name in guests],
        harts = harts,
        hash = hash,
        tags = ["manual"],
        testonly = True,
        xlen = xlen,
    )
    if not only_ours:
        opensbi_machine(
            name = name + "_opensbi",
            bootargs = bootargs_opensbi,
            cpu = cpu,
            firmware = "@opensbi//:fw_dynamic_rv%d.bin" % xlen,
            harts = harts,
            initrd = initrd,
            kernel = payload,
            tags = ["manual"],
            testonly = True,
            xlen = xlen,
        )

def bench(name, bounds, cpus, runs, reader = "read.awk", seeds = 1, tree_address = ""):
    """NAME, which prints a table for each kind of CPU, and a test NAME_VARIANT for each, which holds our results.

    Args:
      name: of the benchmark.
      bounds: file of bounds (bench.sh).
      cpus: variant -> QEMU's CPU model.
      runs: name -> attributes of a run: payload (in Linux's Image format), guests (their names, or name -> attributes), shift (an instruction takes 2^shift
        ns), and whatever else _machines takes.
      reader: makes results of what the machines print (bench.sh).
      seeds: how many runs with other random numbers a table is the mean of.
      tree_address: where OpenSBI's machines get what ours print of their tree (bench.sh).
    """
    for variant, cpu in cpus.items():
        ours = {}
        opensbi = {}
        for run, attributes in runs.items():
            machine = "%s_%s_%s" % (name, variant, run)
            _machines(
                name = machine,
                cpu = cpu,
                xlen = 32 if cpu.startswith("rv32") else 64,
                **{key: value for key, value in attributes.items() if key != "shift"}
            )
            ours[":%s_ours" % machine] = run
            if not attributes.get("only_ours"):
                opensbi[":%s_opensbi" % machine] = run
        _variant_test(
            name = "%s_%s" % (name, variant),
            size = "medium",
            bounds = bounds,
            opensbi = opensbi,
            ours = ours,
            reader = reader,
            seeds = seeds,
            shifts = {run: str(attributes["shift"]) for run, attributes in runs.items() if "shift" in attributes},
            tags = ["system"],
            title = cpu,
            tree_address = tree_address,
            variant = variant,
        )
    _bench(
        name = name,
        testonly = True,
        variants = [":%s_%s" % (name, variant) for variant in cpus],
    )

def size_bench(name, bounds, variants):
    """NAME and tests NAME_VARIANT as of bench(), for what is in the images and not for what they do.

    Args:
      name: of the benchmark.
      bounds: file of bounds (bench.sh).
      variants: variant -> the platform whose kernel is ours, and OpenSBI's ELF.
    """
    for variant, (ours, opensbi) in variants.items():
        test = "%s_%s" % (name, variant)
        section_sizes(
            name = test + "_ours",
            elf = ours,
            testonly = True,
        )
        section_sizes(
            name = test + "_opensbi",
            elf = opensbi,
            testonly = True,
        )
        _variant_test(
            name = test,
            size = "small",
            bounds = bounds,
            opensbi = {":%s_opensbi" % test: "sections"},
            ours = {":%s_ours" % test: "sections"},
            reader = "read.awk",
            seeds = 1,
            title = variant,
            variant = variant,
        )
    _bench(
        name = name,
        testonly = True,
        variants = [":%s_%s" % (name, variant) for variant in variants],
    )
