/* What an attacker has to know of the guest that it attacks. */
#pragma once

/* By this time of the machine's, the innocent guest knows how fast it is when nobody attacks, and has begun to measure.
 */
enum { INNOCENT_READY_MS = 700 };
