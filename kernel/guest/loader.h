/*
 * Fills a guest's RAM before its first instruction: scrubs all of it, then copies kernel and ramdisk from the verified
 * FIT and writes a device tree. A job, since it takes a while; at the end the guest starts. The same for the first boot
 * and for every one after it.
 */
#pragma once

#include "kernel/guest/guest.h"

/* Queues the loading of a guest none of whose vcpus is on a hart. */
void loader_start(struct guest *guest);
