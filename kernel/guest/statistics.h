/* What guests have used, for a person at the console: time, boots, their last end, and the machine's memory. */
#pragma once

/* Writes it all as lines of the kernel. */
void statistics_print(void);
