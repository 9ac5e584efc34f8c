"""guest: one guest of a platform, as the packer's options describe it (docs/manifest.md)."""

GuestInfo = provider(
    "A guest.",
    fields = {
        "arguments": "The packer's options for it.",
        "files": "Files that they name.",
    },
)

def _impl(ctx):
    arguments = ["--guest", ctx.attr.guest_name or ctx.label.name, "--kernel", ctx.file.kernel.path]
    files = [ctx.file.kernel]
    if ctx.file.initrd:
        arguments += ["--initrd", ctx.file.initrd.path]
        files.append(ctx.file.initrd)
    if ctx.attr.bootargs:
        arguments += ["--bootargs", ctx.attr.bootargs]
    if ctx.attr.hide_extensions:
        arguments += ["--hide-extensions", ",".join(ctx.attr.hide_extensions)]
    if ctx.attr.affinity:
        arguments += ["--affinity", ",".join([str(id) for id in ctx.attr.affinity])]
    for option, value in [
        ("--budget", ctx.attr.budget),
        ("--period", ctx.attr.period),
        ("--priority", ctx.attr.priority),
        ("--restart", ctx.attr.restart),
        ("--restart-backoff", ctx.attr.restart_backoff),
        ("--restart-limit", ctx.attr.restart_limit),
        ("--watchdog", ctx.attr.watchdog),
        ("--weight", ctx.attr.weight),
    ]:
        if value:
            arguments += [option, str(value)]
    if ctx.attr.isolation:
        arguments += ["--isolation", ctx.attr.isolation]
    if ctx.attr.keyboard:
        arguments.append("--keyboard")
    if ctx.attr.ram_address:
        arguments += ["--ram-address", ctx.attr.ram_address]
    arguments += ["--memory", ctx.attr.memory, "--vcpus", str(ctx.attr.vcpus)]
    return [GuestInfo(arguments = arguments, files = files)]

guest = rule(
    implementation = _impl,
    attrs = {
        "affinity": attr.int_list(doc = "Ids of the harts that may run it; all if not given."),
        "bootargs": attr.string(),
        "budget": attr.int(doc = "Microseconds reserved for each virtual hart in every period."),
        "guest_name": attr.string(doc = "Its name; the target's if not given."),
        "hide_extensions": attr.string_list(),
        "initrd": attr.label(allow_single_file = True),
        "isolation": attr.string(doc = "auto, pmp or gstage."),
        "kernel": attr.label(mandatory = True, allow_single_file = True, doc = "Linux Image or ELF."),
        "keyboard": attr.bool(),
        "memory": attr.string(default = "128M"),
        "period": attr.int(doc = "Microseconds."),
        "priority": attr.int(doc = "1 to 31, instead of a weight."),
        "ram_address": attr.string(doc = "Guest-physical, for gstage: 0x80000000."),
        "restart": attr.string(doc = "never, on-crash or always.", values = ["", "never", "on-crash", "always"]),
        "restart_backoff": attr.int(doc = "Milliseconds before the first restart in a row."),
        "restart_limit": attr.int(doc = "Restarts in a row."),
        "vcpus": attr.int(default = 1),
        "watchdog": attr.int(doc = "Milliseconds without a sign of life."),
        "weight": attr.int(doc = "1 to 1000; 100 if nothing is said about scheduling."),
    },
)
