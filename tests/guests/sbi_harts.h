/* HSM, for the payload sbi. */
#pragma once

void sbi_check_harts(void);
