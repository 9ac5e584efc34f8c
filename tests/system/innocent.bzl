"""innocent: the guest that others attack, for system_tests with the program :hostile_test."""

def innocent(harts):
    """Attributes of the guest "innocent" (tests/guests/innocent.c), which has half of a hart promised and spends it on its memory.

    With one hart it holds what it got against that. With more, the time of others' instructions passes under -icount, too, and the kernel's books
    are held against it (hostile.cc).

    Args:
      harts: of the machine.
    """
    return {
        "bootargs": "long ms=1000 share=%d" % (500 if harts == 1 else 0),
        "budget": 5000,
        "kernel": "innocent",
        "keyboard": True,
        "memory": "8M",
        "period": 10000,
        "vcpus": 1,
    }
