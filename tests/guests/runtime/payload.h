/* Everything that a payload may want; the payload itself defines payload_main (hart.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tests/guests/runtime/check.h"
#include "tests/guests/runtime/csr.h"
#include "tests/guests/runtime/hart.h"
#include "tests/guests/runtime/machine.h"
#include "tests/guests/runtime/print.h"
#include "tests/guests/runtime/sbi.h"
#include "tests/guests/runtime/timer.h"
#include "tests/guests/runtime/trap.h"
#include "tests/guests/runtime/uart.h"
