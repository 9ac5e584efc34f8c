/* One walk over the machine's device tree. */
#include "kernel/boot/survey.h"

#include <libfdt.h>
#include <string.h>

/* What drivers here know (Linux, Documentation/devicetree/bindings), and what it is. */
static const char *const compatible[] = {
    "ns16550a",      "ns16550",           "snps,dw-apb-uart",    "riscv,clint0",
    "sifive,clint0", "riscv,aclint-mswi", "riscv,aclint-mtimer", "sifive,plic-1.0.0",
    "riscv,plic0",   "sifive,test0",      "syscon-poweroff",
};

static const enum survey_kind kinds[] = {
    SURVEY_UART,   SURVEY_UART, SURVEY_UART, SURVEY_CLINT,    SURVEY_CLINT,    SURVEY_MSWI,
    SURVEY_MTIMER, SURVEY_PLIC, SURVEY_PLIC, SURVEY_FINISHER, SURVEY_POWEROFF,
};

enum { COMPATIBLE_COUNT = sizeof compatible / sizeof compatible[0] };

static_assert(sizeof kinds / sizeof kinds[0] == COMPATIBLE_COUNT);

static bool is_memory(const void *fdt, const struct fdt_place *place) {
    const char *type;
    return place->depth == 1 && fdt_read_string(fdt, place->node, "device_type", &type) == STATUS_OK &&
           strcmp(type, "memory") == 0;
}

static bool find_kind(const void *fdt, const struct fdt_place *place, enum survey_kind *out_kind) {
    size_t index;
    if (fdt_find_compatible(fdt, place->node, compatible, COMPATIBLE_COUNT, &index)) {
        *out_kind = kinds[index];
        return true;
    }
    *out_kind = SURVEY_MEMORY;
    return is_memory(fdt, place);
}

/* Of several nodes of one name, the first counts, as for a path. */
static void note_name(const void *fdt, int node, const char *name, int *out_node) {
    const char *its = fdt_get_name(fdt, node, nullptr);
    if (*out_node < 0 && its != nullptr && strcmp(its, name) == 0) {
        *out_node = node;
    }
}

static status_t note(struct survey *survey, const struct fdt_place *place) {
    enum survey_kind kind;
    if (place->depth == 1) {
        note_name(survey->fdt, place->node, "chosen", &survey->chosen);
        note_name(survey->fdt, place->node, "cpus", &survey->cpus);
        note_name(survey->fdt, place->node, "reserved-memory", &survey->reserved_memory);
    }
    if (!find_kind(survey->fdt, place, &kind)) {
        return STATUS_OK;
    }
    if (survey->count == SURVEY_NODES_MAX) {
        return STATUS_TOO_BIG;
    }
    survey->nodes[survey->count++] = (struct survey_node){.kind = kind, .place = *place};
    return STATUS_OK;
}

status_t survey_take(const void *fdt, struct survey *out_survey) {
    struct fdt_place place = FDT_PLACE_ROOT;
    status_t status = STATUS_OK;
    out_survey->fdt = fdt;
    out_survey->chosen = out_survey->cpus = out_survey->reserved_memory = -1;
    out_survey->count = 0;
    while (fdt_place_next(fdt, &place)) {
        status_t noted = note(out_survey, &place);
        status = status == STATUS_OK ? noted : status;
    }
    return status;
}

const struct fdt_place *survey_next(const struct survey *survey, enum survey_kind kind, uint32_t *index) {
    while (*index < survey->count) {
        const struct survey_node *node = &survey->nodes[(*index)++];
        if (node->kind == kind) {
            return &node->place;
        }
    }
    return nullptr;
}
