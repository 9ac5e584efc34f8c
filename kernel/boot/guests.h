/*
 * From the FIT that came with the kernel to running guests: open it, have the harts verify its images side by side,
 * read the guest description, make the guests. Runs as jobs, so that all harts take part.
 */
#pragma once

/* Begins; refuses if there is no FIT. The rest happens as the harts schedule. */
void guests_begin(void);
