"""cc_toolchain_config: how clang and lld are called for rv32, rv64 and the build machine. All compiler flags stand here."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl", "feature", "flag_group", "flag_set", "tool_path", "with_feature_set")

_C = [ACTION_NAMES.c_compile]
_CPP = [ACTION_NAMES.cpp_compile, ACTION_NAMES.cpp_header_parsing]
_ASSEMBLE = [ACTION_NAMES.assemble, ACTION_NAMES.preprocess_assemble]
_COMPILE = _C + _CPP + _ASSEMBLE
_LINK = [ACTION_NAMES.cpp_link_executable, ACTION_NAMES.cpp_link_dynamic_library, ACTION_NAMES.cpp_link_nodeps_dynamic_library]

# Same sources, same bytes, wherever they are built.
_REPRODUCIBLE = [
    "-no-canonical-prefixes",
    "-ffile-compilation-dir=.",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
]

_WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wthread-safety", "-Wvla"]
_WARNINGS_C = ["-Wconversion", "-Wno-sign-conversion", "-Wmissing-prototypes", "-Wstrict-prototypes"]

_SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]

# clang, not clang++, links: C++ parts of the sanitizers have to be asked for.
_SANITIZE_LINK = _SANITIZE + ["-fsanitize-link-c++-runtime"]

def _riscv(xlen, machine_abi, user_abi):
    return struct(
        triple = "riscv%d-unknown-elf" % xlen,
        # No floating point below user programs: the registers belong to guests and programs.
        compile = [
            "-march=rv%dimac_zicsr_zifencei" % xlen,
            "-mabi=" + machine_abi,
            "-mcmodel=medany",
            "-ffreestanding",
            "-nostdlibinc",
            "-fPIE",
            "-fdirect-access-external-data",
            "-fno-omit-frame-pointer",
            "-momit-leaf-frame-pointer",
            "-fno-asynchronous-unwind-tables",
            # Switches here are short, and a table costs a load and an indirect jump.
            "-fno-jump-tables",
            "-ffunction-sections",
            "-fdata-sections",
            # A call from one object into another is then no more than a call within one, and mostly none.
            "-flto",
        ],
        user_compile = ["-march=rv%dgc" % xlen, "-mabi=" + user_abi, "-fjump-tables", "-fno-PIE", "-fhosted", "-fno-lto"],
        link = [
            "-nostdlib",
            "-Wl,--build-id=none",
            "-Wl,--fatal-warnings",
            "-Wl,--gc-sections",
            "-Wl,-z,max-page-size=4096",
        ],
        user_link = ["-static"],
    )

_TARGETS = {
    "host": struct(
        triple = "x86_64-linux-gnu",
        compile = ["-fPIC", "-fstack-protector-strong"],
        user_compile = [],
        # Only libc stays dynamic, so that a build machine needs nothing of ours installed.
        link = ["-static-libgcc", "-l:libstdc++.a", "-lm", "-lpthread", "-Wl,--build-id=none", "-pie"],
        user_link = [],
    ),
    "rv32": _riscv(32, "ilp32", "ilp32d"),
    "rv64": _riscv(64, "lp64", "lp64d"),
}

def _flags(name, sets, enabled = True):
    """A feature of (actions, flags) or (actions, flags, features that have to be on)."""
    return feature(
        name = name,
        enabled = enabled,
        flag_sets = [
            flag_set(
                actions = entry[0],
                flag_groups = [flag_group(flags = entry[1])],
                with_features = [with_feature_set(features = entry[2])] if len(entry) > 2 else [],
            )
            for entry in sets
            if entry[1]
        ],
    )

def _impl(ctx):
    target = _TARGETS[ctx.attr.target]
    llvm = ctx.label.workspace_root
    sysroot = "external/host_sysroot" if ctx.attr.target == "host" else None
    resources = llvm + "/usr/lib/llvm-19/lib/clang/19"
    common = ["--target=" + target.triple, "-resource-dir=" + resources] + _REPRODUCIBLE
    features = [
        feature(name = "dbg"),
        feature(name = "opt"),
        feature(name = "fastbuild"),
        feature(name = "supports_pic", enabled = ctx.attr.target == "host"),
        _flags("default_flags", [
            (_COMPILE, common + target.compile),
            (_C, ["-std=gnu23"]),
            (_CPP, ["-std=gnu++20"]),
            (_COMPILE, ["-g", "-O2"], ["opt"]),
            # All C++ is tests, and to optimize them takes longer than to run them.
            (_CPP, ["-O0", "-gline-tables-only"], ["opt"]),
            (_COMPILE, ["-g", "-O1"], ["fastbuild"]),
            (_COMPILE, ["-g", "-Og"], ["dbg"]),
            (_LINK, ["--target=" + target.triple, "-resource-dir=" + resources, "-no-canonical-prefixes", "-fuse-ld=lld", "--ld-path=%s/bin/ld.lld" % llvm] + target.link),
        ]),
        # For what runs seldom; and where a byte is worth more than an instruction.
        _flags("small", [(_COMPILE, ["-Os"], ["opt"])], enabled = False),
        _flags("smallest", [(_COMPILE, ["-Oz"], ["opt"])], enabled = False),
        # Off in third_party, where the warnings are not ours to mend.
        _flags("warnings", [(_C + _CPP, _WARNINGS), (_C, _WARNINGS_C)]),
    ]
    if ctx.attr.target == "host":
        features.append(_flags("sanitize", [(_C + _CPP, _SANITIZE), (_LINK, _SANITIZE_LINK)], enabled = False))
    else:
        features.append(_flags("user_mode", [(_COMPILE, target.user_compile), (_LINK, target.user_link)], enabled = False))

    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "unknown",
        abi_version = "unknown",
        builtin_sysroot = sysroot,
        compiler = "clang",
        cxx_builtin_include_directories = ["%workspace%/" + resources + "/"] + (
            ["%workspace%/" + sysroot + "/usr/"] if sysroot else []
        ),
        features = features,
        host_system_name = "local",
        target_cpu = ctx.attr.target,
        target_libc = "unknown",
        target_system_name = target.triple,
        tool_paths = [
            tool_path(name = name, path = "bin/" + program)
            for name, program in {
                "ar": "llvm-ar",
                "cpp": "clang",
                "dwp": "llvm-ar",
                "gcc": "clang",
                "gcov": "llvm-ar",
                "ld": "ld.lld",
                "nm": "llvm-nm",
                "objcopy": "llvm-objcopy",
                "objdump": "llvm-objdump",
                "strip": "llvm-strip",
            }.items()
        ],
        toolchain_identifier = ctx.attr.target,
    )

cc_toolchain_config = rule(
    implementation = _impl,
    attrs = {"target": attr.string(mandatory = True, values = ["host", "rv32", "rv64"])},
    provides = [CcToolchainConfigInfo],
)
