"""payload: a tiny S-mode guest that exercises one feature of the kernel, for rv32 and rv64."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def payload(name, srcs):
    """An ELF program; the xlen comes from the platform whose guest it is."""
    cc_binary(
        name = name,
        srcs = srcs,
        additional_linker_inputs = ["//tests/guests/runtime:payload.ld"],
        linkopts = [
            "-Wl,-pie",
            "-Wl,--no-dynamic-linker",
            "-Wl,--hash-style=sysv",
            "-Wl,-z,norelro",
            "-Wl,-T,$(location //tests/guests/runtime:payload.ld)",
        ],
        target_compatible_with = ["//toolchains:bare_metal"],
        visibility = ["//tests:__subpackages__"],
        deps = [
            "//tests/guests/runtime",
            "//third_party/libgcc:machine",
        ],
    )
