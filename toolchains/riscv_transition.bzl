"""riscv_transition: builds what an attribute names for the xlen of the rule that names it."""

def _impl(_settings, attr):
    return {
        # Flags for the build machine have no business in an image.
        "//command_line_option:copt": [],
        "//command_line_option:linkopt": [],
        "//command_line_option:platforms": ["//toolchains:rv%d" % attr.xlen],
    }

riscv_transition = transition(
    implementation = _impl,
    inputs = [],
    outputs = [
        "//command_line_option:copt",
        "//command_line_option:linkopt",
        "//command_line_option:platforms",
    ],
)
