/*
 * Which hart a guest's virtual harts are put on, and whether what they are promised fits there. For boot: one hart
 * makes all guests, one after the other.
 *
 * The reservations of a hart never add up to more than ADMISSION_BOUND of it, below which earliest deadline first keeps
 * them all; the rest is for the kernel's own work, and so that the other classes do not starve. A reservation stays on
 * the hart that it was admitted to.
 */
#pragma once

#include "abi/status.h"
#include "kernel/hart/hart.h"
#include "lib/manifest/manifest.h"

/* Each reservation is rounded up, and nine tenths of a hart in whatever pieces are to fit. */
enum { ADMISSION_BOUND = RESERVATION_WHOLE / 10 * 9 + RUN_QUEUE_MAX };

/* What becomes of a guest if it is made. */
struct admission {
    struct policy policy; /* of each of its vcpus */
    struct hart *homes[MANIFEST_VCPUS_MAX];
};

/* Finds a hart for each vcpu of the guest; changes nothing. STATUS_NOT_FOUND: no hart is in its affinity.
 * STATUS_TOO_BIG: its reservations do not fit. *out_sentence, valid until the next call, says how much it needs and how
 * much there is. */
status_t admission_plan(const struct manifest_guest *guest, struct admission *out_admission, const char **out_sentence);

/* A vcpu with that policy now belongs to the hart. */
void admission_book(struct hart *hart, const struct policy *policy);
