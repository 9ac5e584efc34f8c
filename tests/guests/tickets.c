/* Two tickets for each pair of harts; those of a hart for itself are for its suspends. */
#include "tests/guests/tickets.h"

enum { HARTS = 4, TICKETS = 2 };

#define SUSPEND_NON_RETENTIVE 0x80000000ul

/* What one hart has for another one, which nobody else touches but the one that arrives. */
struct book {
    struct ticket tickets[TICKETS];
    uint32_t used; /* starts that succeeded */
};

static struct book books[HARTS][HARTS];

static struct ticket *write_ticket(struct book *book, unsigned long to, void (*live)(void *ticket)) {
    struct ticket *ticket = &book->tickets[book->used % TICKETS];
    hart_prepare_as(&ticket->hart, to, live, ticket);
    ticket->from = hart_self()->id;
    ticket->to = to;
    __atomic_store_n(&ticket->arrived, 0, __ATOMIC_SEQ_CST);
    return ticket;
}

/* The last start that succeeded. */
static bool has_arrived(const struct book *book) {
    const struct ticket *last = &book->tickets[(book->used - 1) % TICKETS];
    return book->used == 0 || __atomic_load_n(&last->arrived, __ATOMIC_SEQ_CST) == 1;
}

static unsigned long opaque_of(struct ticket *ticket) {
    return (unsigned long)(uintptr_t)&ticket->hart;
}

struct sbi_result ticket_start(unsigned long to, void (*live)(void *ticket)) {
    struct book *book = &books[hart_self()->id][to];
    struct ticket *ticket = write_ticket(book, to, live);
    struct sbi_result result = SBI(SBI_HSM, SBI_HSM_HART_START, to, hart_entry_address(), opaque_of(ticket));
    if (result.error == SBI_SUCCESS) {
        check_quietly(has_arrived(book), "hart %lu has lived before it is started by hart %lu again", to, ticket->from);
        book->used++;
    } else {
        check_quietly(__atomic_load_n(&ticket->arrived, __ATOMIC_SEQ_CST) == 0,
                      "hart %lu does not start when the call from hart %lu says that it does not", to, ticket->from);
    }
    return result;
}

struct sbi_result ticket_suspend(void (*live)(void *ticket)) {
    struct book *book = &books[hart_self()->id][hart_self()->id];
    book->used++; /* not the one with which it resumed last, and may be running still */
    struct ticket *ticket = write_ticket(book, hart_self()->id, live);
    struct sbi_result result =
        SBI(SBI_HSM, SBI_HSM_HART_SUSPEND, SUSPEND_NON_RETENTIVE, hart_entry_address(), opaque_of(ticket));
    book->used--;
    return result;
}

bool ticket_arrive(struct ticket *ticket) {
    uint32_t before = __atomic_fetch_add(&ticket->arrived, 1, __ATOMIC_SEQ_CST);
    return check_quietly(before == 0 && ticket->to == hart_self()->id,
                         "a hart arrives once and where it was told: the start of hart %lu by hart %lu, %u times",
                         ticket->to, ticket->from, (unsigned)before + 1);
}

bool ticket_all_arrived(void) {
    bool all = true;
    for (unsigned long from = 0; from < HARTS; from++) {
        for (unsigned long to = 0; to < HARTS; to++) {
            all = all && (from == to || has_arrived(&books[from][to]));
        }
    }
    return all;
}
