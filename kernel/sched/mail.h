/* Requests to the vcpus of a hart, carried out by the hart itself. */
#pragma once

#include "kernel/guest/vcpu.h"
#include "kernel/hart/hart.h"

/* Carries out all requests to vcpus of this hart. */
void mail_read(struct hart *hart);
