/* What a person reads about the lives of guests: one line per event (which guest, which vcpu, what, where, what happens
 * next), and the registers after a crash. */
#pragma once

#include "kernel/guest/guest.h"

enum { REPORT_TEXT_SIZE = 256 };

void report_created(const struct guest *guest);
void report_started(const struct guest *guest);

/* Why it ended and what happens next. */
void report_ended(const struct guest *guest, const struct restart_verdict *verdict);

/* It was paused, or goes on. */
void report_paused(const struct guest *guest, bool is_paused);

/* An order that its state does not allow; `participle` is what it cannot be. */
void report_not_possible(const struct guest *guest, const char *participle);

/* Writes why a guest last ended, as part of a sentence, as far as it fits. */
void report_end_text(const struct guest *guest, char *out_text, size_t size);
