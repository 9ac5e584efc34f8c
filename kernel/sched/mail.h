/* Requests to the vcpus of a hart, carried out by the hart itself. */
#pragma once

#include "kernel/guest/vcpu.h"
#include "kernel/hart/hart.h"

/* Carries out all requests to vcpus of this hart. True: the scheduler has to decide anew who runs. */
bool mail_read(struct hart *hart);
