"""diosix_repositories: every outside thing the build uses, each pinned in lock.tsv."""

load(":debian_packages.bzl", "debian_packages")
load(":debian_source.bzl", "debian_source")

_LLVM_PROGRAMS = [
    "clang",
    "clang-format",
    "ld.lld",
    "llvm-ar",
    "llvm-nm",
    "llvm-objcopy",
    "llvm-objdump",
    "llvm-readelf",
    "llvm-size",
    "llvm-strip",
    "llvm-symbolizer",
]

# A program started through its own ld.so looks for its data beside ld.so.
_QEMU_SETUP = """
bundle=usr/lib/x86_64-linux-gnu/qemu-bundle/usr
mkdir -p $bundle/share $bundle/lib/x86_64-linux-gnu/qemu
mv usr/share/qemu $bundle/share/qemu
rm -rf usr/share/opensbi usr/lib/x86_64-linux-gnu/qemu
cd usr/bin && find . -name 'qemu-system-*' ! -name '*riscv*' -delete
"""

_QEMU_PROGRAMS = {
    "qemu-system-riscv32": "usr/bin/qemu-system-riscv32",
    "qemu-system-riscv64": "usr/bin/qemu-system-riscv64",
}

def _toolchain_repositories():
    debian_packages(
        name = "llvm",
        set = "llvm",
        build_file = "//toolchains:llvm.BUILD.bazel",
        library_folders = ["usr/lib/llvm-19/lib"],
        programs = {program: "usr/lib/llvm-19/bin/" + program for program in _LLVM_PROGRAMS},
        setup = """
            mv usr/lib/llvm-19/bin bin.all && mkdir usr/lib/llvm-19/bin
            for program in %s; do cp -L bin.all/$program usr/lib/llvm-19/bin/ || true; done
            rm -rf bin.all usr/bin usr/sbin usr/share usr/include usr/lib/llvm-19/include usr/lib/llvm-19/share usr/lib/clang
            find usr/lib -name '*.a' ! -path '*/clang/19/*' -delete
            find . -xtype l -delete
        """ % " ".join(_LLVM_PROGRAMS),
    )
    debian_packages(
        name = "host_sysroot",
        set = "host_sysroot",
        build_file = "//toolchains:host_sysroot.BUILD.bazel",
        # Its linker scripts name files by their place in a machine with /lib; here everything is below /usr.
        setup = "sed -Ei 's#([ (])/lib(64)?/#\\1/usr/lib\\2/#g' usr/lib/x86_64-linux-gnu/lib{c,m}.so",
    )
    debian_packages(
        name = "riscv_libgcc",
        set = "riscv_libgcc",
        build_file = "//third_party/libgcc:libgcc.BUILD.bazel",
        setup = """
            cd usr/lib/gcc/riscv64-unknown-elf/*/
            mkdir -p rv64imafdc/lp64d && mv libgcc.a rv64imafdc/lp64d/  # what gcc builds for when not told otherwise
            for abi in rv32imac/ilp32 rv32imafdc/ilp32d rv64imac/lp64 rv64imafdc/lp64d; do
                mkdir -p "$OLDPWD/$abi" && mv $abi/libgcc.a "$OLDPWD/$abi/"
            done
            cd "$OLDPWD"
            rm -rf usr
        """,
    )

def _bazel_repositories():
    # rules_cc of Debian speaks to a Bazel newer than its own: use_cpp_toolchain() is this list.
    debian_packages(
        name = "rules_cc",
        set = "rules_cc",
        build_file = "//third_party/rules:empty.BUILD.bazel",
        setup = """
            mv usr/share/bazel/rules/cc/cc . && rm -rf usr
            find cc -name '*.bzl' -exec sed -i \
                -e 's/, "use_cpp_toolchain"//' \
                -e 's/use_cpp_toolchain()/["@bazel_tools\\/\\/tools\\/cpp:toolchain_type"]/' {} +
        """,
    )
    debian_packages(
        name = "rules_java",
        set = "rules_java",
        build_file = "//third_party/rules:empty.BUILD.bazel",
        setup = "mv usr/share/bazel/rules/java/java . && rm -rf usr",
    )

    # Asked for by every test of Bazel 4.2.3; we measure no coverage.
    native.new_local_repository(
        name = "remote_coverage_tools",
        build_file = "//third_party/rules:remote_coverage_tools.BUILD.bazel",
        path = "third_party/rules",
    )

def _library_repositories():
    debian_packages(
        name = "archivers",
        set = "archivers",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = {
            "bzip2": "usr/bin/bzip2",
            "xz": "usr/bin/xz",
        },
    )
    debian_packages(
        name = "googletest",
        set = "googletest",
        build_file = "//third_party/googletest:googletest.BUILD.bazel",
        setup = "mv usr/src/googletest/* . && rm -rf usr && find . -mindepth 2 \\( -name 'BUILD*' -o -name 'WORKSPACE*' \\) -delete",
    )
    debian_source(
        name = "libfdt",
        set = "libfdt",
        build_file = "//third_party/libfdt:libfdt.BUILD.bazel",
    )
    debian_source(
        name = "mbedtls",
        set = "mbedtls",
        build_file = "//third_party/mbedtls:mbedtls.BUILD.bazel",
    )
    debian_source(
        name = "musl",
        set = "musl",
        build_file = "//third_party/musl:musl.BUILD.bazel",
    )
    debian_source(
        name = "zlib",
        set = "zlib",
        build_file = "//third_party/zlib:zlib.BUILD.bazel",
    )

def _program_repositories():
    debian_packages(
        name = "cpio",
        set = "cpio",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = {"cpio": "usr/bin/cpio"},
    )
    debian_packages(
        name = "gdb",
        set = "gdb",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = {"gdb-multiarch": "usr/bin/gdb-multiarch"},
        program_arguments = {"gdb-multiarch": ["--data-directory=\"$root/usr/share/gdb\""]},
    )
    debian_packages(
        name = "qemu10",
        set = "qemu10",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = _QEMU_PROGRAMS,
        setup = _QEMU_SETUP,
    )
    debian_packages(
        name = "qemu7",
        set = "qemu7",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = _QEMU_PROGRAMS,
        setup = _QEMU_SETUP,
    )
    debian_packages(
        name = "u_boot_tools",
        set = "u_boot_tools",
        build_file = "//toolchains:programs.BUILD.bazel",
        programs = {
            "dumpimage": "usr/bin/dumpimage",
            "mkimage": "usr/bin/mkimage",
        },
    )

def _guest_repositories():
    debian_packages(
        name = "linux",
        set = "linux",
        build_file = "//toolchains:files.BUILD.bazel",
        setup = "mv boot/vmlinu?-* Image && rm -rf usr boot",
    )
    debian_packages(
        name = "busybox",
        set = "busybox",
        build_file = "//toolchains:files.BUILD.bazel",
        setup = "mv usr/bin/busybox busybox && rm -rf usr",
    )
    debian_packages(
        name = "opensbi",
        set = "opensbi",
        build_file = "//toolchains:files.BUILD.bazel",
        setup = """
            for xlen in 32 64; do
                for kind in bin elf; do
                    mv usr/lib/riscv$xlen-linux-gnu/opensbi/generic/fw_dynamic.$kind fw_dynamic_rv$xlen.$kind
                done
            done
            rm -rf usr
        """,
    )
    debian_packages(
        name = "u_boot_qemu",
        set = "u_boot_qemu",
        build_file = "//toolchains:files.BUILD.bazel",
        setup = """
            mv usr/lib/u-boot/qemu-riscv64/u-boot.bin u-boot-m.bin
            mv usr/lib/u-boot/qemu-riscv64_smode/uboot.elf u-boot-s.elf
            rm -rf usr
        """,
    )

def diosix_repositories():
    """Declares them all; Bazel fetches those that a build needs."""
    _bazel_repositories()
    _toolchain_repositories()
    _library_repositories()
    _program_repositories()
    _guest_repositories()
