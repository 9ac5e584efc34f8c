"""innocent: the guest that others attack, for system_tests with the program :hostile_test."""

def innocent(harts):
    """Attributes of the guest "innocent" (tests/guests/innocent.c), which has half of each hart promised and spends it on its memory.

    With one hart, what it gets is exact. With two, QEMU's turns under -icount do not end where a reservation does: of what the kernel counts as its 500
    of 1000, it was seen to have 475 beside guests that only spin. So that is what attacks are held against there.

    Args:
      harts: of the machine.
    """
    return {
        "bootargs": "long ms=1000 share=%d" % (500 if harts == 1 else 475),
        "budget": 5000,
        "kernel": "innocent",
        "keyboard": True,
        "memory": "8M",
        "period": 10000,
        "vcpus": harts,
    }
