/* Images are taken one after the other by whichever hart is free; the last one to finish goes on with the description.
 */
#include "kernel/boot/guests.h"

#include "kernel/arch/hart.h"
#include "kernel/boot/machine.h"
#include "kernel/boot/refuse.h"
#include "kernel/console/kernel_log.h"
#include "kernel/guest/guest.h"
#include "kernel/irq/timer.h"
#include "kernel/mem/memory.h"
#include "kernel/sched/job.h"
#include "lib/fit/fit.h"
#include "lib/fit/fit_verify.h"
#include "lib/manifest/manifest.h"
#include "lib/sizes.h"

enum { VERIFY_STEP_SIZE = 64 * 1024 };

/* One per hart. */
struct verifier {
    struct job job;
    struct fit_verify verify;
    bool is_busy; /* in the middle of an image */
};

static struct {
    struct fit fit;
    struct manifest manifest;
    uint64_t began_at;
    uint32_t next; /* atomic: the image to be taken next */
    uint32_t done; /* atomic: images that were found good */
} images;

static struct job creator;

static void refuse_if(status_t status, const struct fit_reason *reason) {
    if (status != STATUS_OK) {
        boot_refuse("the guests' images (FIT at 0x%llx): %s", (unsigned long long)machine.images.value, reason->text);
    }
}

static void report_cost(void) {
    char size[SIZES_TEXT_SIZE];
    uint64_t bytes = 0;
    for (size_t index = 0; index < images.fit.image_count; index++) {
        bytes += images.fit.images[index].size;
    }
    sizes_print(size, sizeof size, bytes);
    log_line("verified %u images, %s, in %u ms", (unsigned)images.fit.image_count, size,
             (unsigned)timer_ms_of_ticks(timer_now() - images.began_at));
}

static bool create(struct job *) {
    struct fit_reason reason;
    const struct fit_image *description = &images.fit.images[images.fit.description_index];
    report_cost();
    refuse_if(manifest_read(description->data, description->size, &images.manifest, &reason), &reason);
    refuse_if(manifest_bind(&images.manifest, &images.fit, &reason), &reason);
    guests_create(&images.manifest);
    return false;
}

static bool verify_step(struct job *job) {
    struct verifier *self = (struct verifier *)job;
    struct fit_reason reason;
    if (!self->is_busy) {
        uint32_t index = __atomic_fetch_add(&images.next, 1, __ATOMIC_RELAXED);
        if (index >= images.fit.image_count) {
            return false;
        }
        fit_verify_start(&self->verify, &images.fit.images[index]);
        self->is_busy = true;
    }
    if (fit_verify_advance(&self->verify, VERIFY_STEP_SIZE)) {
        return true;
    }
    self->is_busy = false;
    refuse_if(fit_verify_finish(&self->verify, &reason), &reason);
    if (__atomic_add_fetch(&images.done, 1, __ATOMIC_ACQ_REL) == images.fit.image_count) {
        creator.step = create;
        job_start(&creator, &boot_hart);
    }
    return true;
}

void guests_begin(void) {
    struct fit_reason reason;
    if (!machine.has_images) {
        boot_refuse("/chosen names no images (linux,initrd-start): there is no guest to run");
    }
    refuse_if(
        fit_open((const void *)(uintptr_t)machine.images.value, (size_t)machine.images_size, &images.fit, &reason),
        &reason);
    images.began_at = timer_now();
    for (uint32_t index = 0; index < hart_count; index++) {
        struct verifier *verifier = memory_boot_alloc(sizeof *verifier);
        if (verifier == nullptr) {
            boot_refuse("no memory left to verify the images with");
        }
        verifier->job.step = verify_step;
        job_start(&verifier->job, harts[index]);
    }
}
