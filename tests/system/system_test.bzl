"""system_test: a program of tests that talks to a machine of its own in QEMU, for each xlen."""

load("@rules_cc//cc:defs.bzl", "cc_binary")
load("//platforms:guest.bzl", "guest")
load("//platforms:platform.bzl", "diosix_platform")
load("//toolchains:riscv_transition.bzl", "riscv_transition")

_RUN = """#!/usr/bin/env bash
exec {program} --machine={machine} --xlen={xlen} {words} "$@"
"""

def _impl(ctx):
    files = ctx.files.files + ctx.files.tools
    words = ["--file=" + file.short_path for file in files] + ["--guest=" + name for name in ctx.attr.guests]
    executable = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        output = executable,
        is_executable = True,
        content = _RUN.format(
            program = ctx.executable.program.short_path,
            machine = ctx.executable.machine.short_path,
            xlen = ctx.attr.xlen,
            words = " ".join(words),
        ),
    )
    runfiles = ctx.runfiles(files = files + [ctx.executable.program])
    runfiles = runfiles.merge(ctx.attr.program[DefaultInfo].default_runfiles)
    runfiles = runfiles.merge(ctx.attr.machine[DefaultInfo].default_runfiles)
    runfiles = runfiles.merge(ctx.runfiles(files = [ctx.executable.machine]))
    return [DefaultInfo(executable = executable, runfiles = runfiles)]

_machine_test = rule(
    implementation = _impl,
    test = True,
    attrs = {
        "files": attr.label_list(allow_files = True, cfg = riscv_transition, doc = "More that the program reads, built for the machine."),
        "guests": attr.string_list(doc = "Names of guests, for programs that serve several tests."),
        "machine": attr.label(mandatory = True, executable = True, cfg = "target"),
        "program": attr.label(mandatory = True, executable = True, cfg = "target"),
        "tools": attr.label_list(cfg = "target", doc = "Programs that the program runs, found as its files are."),
        "xlen": attr.int(mandatory = True),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    },
)

def test_program(name, src, deps = []):
    """The program behind one or more system tests; it is linked once for all of them."""
    cc_binary(
        name = name,
        testonly = True,
        srcs = [src],
        tags = ["manual"],
        deps = ["//tests/system:machine"] + deps,
    )

def system_test(
        name,
        program,
        guests = {},
        more_guests = [],
        expect_guests = [],
        boot_arguments = "",
        cpu = "h=false",
        files = [],
        harts = 2,
        kernel = "//kernel:images",
        memory = "512M",
        qemu7 = True,
        size = "medium",
        smoke = False,
        tags = [],
        tools = [],
        with_h = None,
        xlens = [32, 64]):
    """NAME_rv32 and NAME_rv64, and NAME_qemu7_rv32 and NAME_qemu7_rv64: each with a platform of its own.

    Those with QEMU 7.2 are in //tests:nightly only, unless the test is in the smoke set.

    Where with_h is true, the same twice more on CPUs with the H extension: NAME_h_rv32 and so on under pmp, and
    NAME_gstage_rv32 and so on under gstage.

    Args:
      name: of the tests, before the suffixes.
      program: a test_program.
      guests: name of a guest -> attributes of the rule guest; "kernel" may be the name of a payload.
      more_guests: labels of guests, in front of these.
      expect_guests: names that the program is told.
      boot_arguments: the kernel's, except where with_h says them.
      cpu: properties of QEMU's CPU model.
      files: labels of more files for the program (Machine::file).
      harts: of the machine.
      kernel: another program in the kernel's place (split_elf).
      memory: RAM of the machine.
      qemu7: also for QEMU 7.2.
      size: of the tests, which says how long they may take.
      smoke: on QEMU 7.2 not only nightly.
      tags: more tags of the tests.
      tools: labels of programs for the program, for the build machine (Machine::file).
      with_h: also on CPUs with the H extension; those of the smoke set are unless told otherwise. "qemu10" leaves QEMU 7.2 out.
      xlens: those that it is for.
    """
    labels = list(more_guests)
    for guest_name, attributes in guests.items():
        attributes = dict(attributes)
        image = attributes.pop("kernel")
        guest(
            name = name + "_" + guest_name,
            guest_name = guest_name,
            kernel = image if ":" in image else "//tests/guests:" + image,
            memory = attributes.pop("memory", "16M"),
            tags = ["manual"],
            testonly = True,
            **attributes
        )
        labels.append(":" + name + "_" + guest_name)
    qemus = [("@qemu10//:all", "", [])]
    if qemu7:
        qemus.append(("@qemu7//:all", "_qemu7", [] if smoke else ["manual", "nightly"]))
    machines = [(infix, cpu, boot_arguments, qemu, more_tags) for qemu, infix, more_tags in qemus]
    if with_h or (with_h == None and smoke):
        machines += [
            (variant + infix, cpu.replace("h=false", "h=true"), boot, qemu, ["manual", "nightly"] if infix else [])
            for variant, boot in [("_h", "isolation=pmp"), ("_gstage", "isolation=gstage")]
            for qemu, infix, _ in (qemus[:1] if with_h == "qemu10" else qemus)
        ]
    for infix, cpu_properties, boot, qemu, more_tags in machines:
        for xlen in xlens:
            full_name = "%s%s_rv%d" % (name, infix, xlen)
            diosix_platform(
                name = full_name + "_machine",
                boot_arguments = boot,
                cpu = "rv%d,%s" % (xlen, cpu_properties),
                guests = labels,
                harts = harts,
                kernel = kernel,
                memory = memory,
                qemu = qemu,
                tags = ["manual"],
                testonly = True,
                xlen = xlen,
            )
            _machine_test(
                name = full_name,
                size = size,
                files = files,
                guests = expect_guests,
                machine = ":" + full_name + "_machine",
                program = program,
                tags = ["system"] + tags + more_tags,
                tools = tools,
                xlen = xlen,
            )
