"""nightly_suite: what is too slow for every commit."""

def nightly_suite(name, visibility):
    """A suite of the tests of this package, above the call, that are tagged "nightly"."""
    native.test_suite(
        name = name,
        tags = ["manual"],  # or `//...` would have it, and all that is in it
        tests = [":" + rule["name"] for rule in native.existing_rules().values() if "nightly" in rule.get("tags", [])],
        visibility = visibility,
    )
