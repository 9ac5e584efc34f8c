/* What a person reads about the lives of guests: one line per event, and the registers after a crash. */
#pragma once

#include "kernel/guest/guest.h"

void report_created(const struct guest *guest);
void report_started(const struct guest *guest);

/* Why it ended and what happens next. */
void report_ended(const struct guest *guest);
