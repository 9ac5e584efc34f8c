/*
 * Why a FIT or a guest description is refused: one sentence that names the image or guest and the property.
 *
 * Nothing that a person reads here came unchecked out of the file: names are quoted once they are known to be made of
 * harmless characters, and counted otherwise, so that a file cannot write to a terminal.
 */
#pragma once

#include "abi/status.h"

struct fit_reason {
    char text[192];
};

/* Writes the sentence, cut off where it does not fit, and returns `status`. Formats as lib/format.h does. */
[[gnu::format(printf, 3, 4)]]
status_t fit_refuse(struct fit_reason *out_reason, status_t status, const char *format, ...);
