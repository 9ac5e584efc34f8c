/*
 * emulate and trap: the guest's UART behind its own page tables, misaligned accesses of every kind, WFI and time; and
 * that what is not ours reaches the guest as the trap it would have been. Sv39 here; the Sv32 tables of rv32 are tested
 * in decode/walk_test.cc and on QEMU.
 */
#include "kernel/kernel_fixture.h"

#include <random>

extern "C" {
#include "kernel/decode/insn.h"
#include "kernel/guest/devices.h"
}

namespace {

constexpr uint64_t kV = 1, kR = 2, kW = 4, kX = 8, kU = 16, kA = 64, kD = 128;
constexpr uint64_t kKernelPage = kV | kR | kW | kX | kA | kD;
constexpr uint64_t kUserPage = kKernelPage | kU;
constexpr uint64_t kUartVirtual = 0x40000000; /* of its page; low half of Sv39 */
constexpr uint64_t kCodeVirtual = 0x40200000; /* of the 2 MiB that begin the guest's RAM */
constexpr uint64_t kDataVirtual = 0x40400000; /* of two pages, the one behind them is missing */
constexpr uint64_t kHandler = 0xffffffc000001000;

class Emulate : public KernelFixture {
  public:
    void StartGuest(uint32_t features = kFeatures) {
        Start(1, features);
        guest = RunGuest({});
        vcpu = guest->vcpus[0];
        base = guest->base.value;
        Registers(0)->stvec = kHandler;
        code = base + 0x100;
    }

    /* Page tables in the guest's RAM: the UART, code and data, as above. */
    void MapSv39(uint64_t flags = kKernelPage) {
        root = base + 0x200000;
        uint64_t middle = root + 0x1000;
        uint64_t low_uart = root + 0x2000;
        uint64_t low_data = root + 0x3000;
        std::memset(Memory(root), 0, 0x4000);
        Put(root + 8, Pte(middle, kV));
        Put(middle, Pte(low_uart, kV));
        Put(low_uart, Pte(DEVICE_UART_BASE, flags));
        Put(middle + 8, Pte(base, flags));
        Put(middle + 16, Pte(low_data, kV));
        Put(low_data, Pte(base + 0x10000, flags));
        Put(low_data + 8, Pte(base + 0x14000, flags));
        uart_pte = low_uart;
        data_pte = low_data;
        Registers(0)->satp = 8ul << 60 | root >> 12;
        code = kCodeVirtual + 0x100;
    }

    static uint64_t Pte(uint64_t address, uint64_t flags) {
        return address >> 12 << 10 | flags;
    }

    void PutCode(uint32_t instruction) {
        Put(base + 0x100, instruction);
    }

    void ToUser() {
        vcpu->context.mstatus &= ~HOST_STATUS_MPP;
    }

    /* Lets an instruction access an address. */
    void Aim(uint32_t instruction, uint64_t address) {
        struct insn_access access = insn_decode(instruction, 64);
        if (access.kind == INSN_LOAD || access.kind == INSN_STORE) {
            struct insn_place place = insn_place(instruction, &access);
            vcpu->context.x[place.base_index] = address - static_cast<uint64_t>(int64_t{place.offset});
        }
    }

    /* Executes an instruction that traps with this cause; whether the kernel did it for the guest. */
    bool Execute(uint32_t instruction, unsigned long cause, unsigned long value) {
        Aim(instruction, value);
        return ExecuteAsItIs(instruction, cause, value);
    }

    bool ExecuteAsItIs(uint32_t instruction, unsigned long cause, unsigned long value) {
        PutCode(instruction);
        unsigned long pc = vcpu->context.pc = code;
        unsigned length = (instruction & 3) == 3 ? 4 : 2;
        EXPECT_EQ(Trap(vcpu, cause, value), vcpu);
        if (vcpu->context.pc == pc + length) {
            return true;
        }
        EXPECT_EQ(vcpu->context.pc, kHandler);
        EXPECT_EQ(Registers(0)->sepc, pc);
        return false;
    }

    /* The same on the fast path; what is left to do. */
    enum guest_left ExecuteFast(uint32_t instruction, unsigned long cause, unsigned long value) {
        Aim(instruction, value);
        return ExecuteFastAsItIs(instruction, cause, value);
    }

    enum guest_left ExecuteFastAsItIs(uint32_t instruction, unsigned long cause, unsigned long value) {
        PutCode(instruction);
        vcpu->context.pc = code;
        return guest_access_fast(&vcpu->context, cause, value);
    }

    /* Registers with values that tell them apart. */
    void FillRegisters() {
        for (unsigned long index = 1; index < REG_COUNT; index++) {
            vcpu->context.x[index] = 0x10101 * index;
        }
    }

    std::string Printed() {
        std::string text(PORT_OUTPUT_SIZE, '\0');
        text.resize(port_take_output(&guest->port, text.data(), text.size()));
        return text;
    }

    struct guest *guest = nullptr;
    struct vcpu *vcpu = nullptr;
    uint64_t base = 0;
    uint64_t code = 0; /* where the trapping instruction is, as the guest sees it */
    uint64_t root = 0;
    uint64_t uart_pte = 0;
    uint64_t data_pte = 0;
};

constexpr uint32_t kSbA2A5 = 0x00c78023;  /* sb a2, 0(a5) */
constexpr uint32_t kLbA0 = 0x00050503;    /* lb a0, 0(a0) */
constexpr uint32_t kLbuA0 = 0x00054503;   /* lbu a0, 0(a0) */
constexpr uint32_t kShA2A5 = 0x00c79023;  /* sh a2, 0(a5) */
constexpr uint32_t kLwA0 = 0x00052503;    /* lw a0, 0(a0) */
constexpr uint32_t kLbZero = 0x00050003;  /* lb zero, 0(a0) */
constexpr uint32_t kAmoaddW = 0x00c7a52f; /* amoadd.w a0, a2, (a5) */

TEST_F(Emulate, AByteStoredToTheUartIsPrinted) {
    StartGuest();
    vcpu->context.x[REG_A2] = 0xffffff00 + '!';
    EXPECT_TRUE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE));
    EXPECT_EQ(Printed(), "!");
}

TEST_F(Emulate, LoadsExtendAsTheInstructionSays) {
    StartGuest();
    vcpu->context.x[REG_A2] = 0x9c;
    EXPECT_TRUE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE + 7)); /* the scratch register */
    EXPECT_TRUE(Execute(kLbA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE + 7));
    EXPECT_EQ(vcpu->context.x[REG_A0], 0xffffffffffffff9cu);
    EXPECT_TRUE(Execute(kLbuA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE + 7));
    EXPECT_EQ(vcpu->context.x[REG_A0], 0x9cu);
    vcpu->context.x[0] = 0;
    EXPECT_TRUE(Execute(kLbZero, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE + 7));
    EXPECT_EQ(vcpu->context.x[0], 0u);
}

/* What the C ABI has the caller save: ra, sp, tp, t0 to t6, a0 to a7; and x0 needs no place. */
bool IsThereOnTheFastPath(unsigned index) {
    return index != 3 && index != 8 && index != 9 && (index < 18 || index > 27);
}

constexpr uint64_t kScratch = DEVICE_UART_BASE + 7;

TEST_F(Emulate, TheFastPathLoadsIntoTheRegistersThatItHas) {
    StartGuest();
    vuart_write(&guest->vuart, 7, 0x9c);
    for (uint32_t index = 0; index < REG_COUNT; index++) {
        uint32_t lb = 0x00050003 | index << 7;
        FillRegisters();
        Aim(lb, kScratch);
        const struct context before = vcpu->context;
        unsigned long exits = vcpu->exits[EXIT_ACCESS];
        bool is_there = IsThereOnTheFastPath(index);
        EXPECT_EQ(ExecuteFast(lb, CAUSE_LOAD_ACCESS, kScratch), is_there ? GUEST_LEFT_NOTHING : GUEST_LEFT_ALL)
            << index;
        EXPECT_EQ(vcpu->context.pc, is_there ? code + 4 : code);
        EXPECT_EQ(vcpu->exits[EXIT_ACCESS], is_there ? exits + 1 : exits);
        for (unsigned other = 0; other < REG_COUNT; other++) {
            bool is_written = other == index && is_there && index != 0;
            EXPECT_EQ(vcpu->context.x[other], is_written ? 0xffffffffffffff9c : before.x[other]) << index;
        }
        EXPECT_TRUE(Execute(lb, CAUSE_LOAD_ACCESS, kScratch));
        EXPECT_EQ(vcpu->context.x[index], index == 0 ? before.x[0] : 0xffffffffffffff9c);
        EXPECT_EQ(vcpu->exits[EXIT_ACCESS], is_there ? exits + 2 : exits + 1);
    }
}

TEST_F(Emulate, TheFastPathStoresTheRegistersThatItHas) {
    StartGuest();
    for (uint32_t index = 0; index < REG_COUNT; index++) {
        uint32_t sb = 0x00078023 | index << 20;
        bool is_there = IsThereOnTheFastPath(index);
        FillRegisters();
        Aim(sb, kScratch);
        uint8_t value = index != 0 ? static_cast<uint8_t>(vcpu->context.x[index]) : 0;
        vuart_write(&guest->vuart, 7, 0xee);
        EXPECT_EQ(ExecuteFast(sb, CAUSE_STORE_ACCESS, kScratch), is_there ? GUEST_LEFT_NOTHING : GUEST_LEFT_ALL)
            << index;
        EXPECT_EQ(vuart_read(&guest->vuart, 7), is_there ? value : 0xee) << index;
        EXPECT_TRUE(Execute(sb, CAUSE_STORE_ACCESS, kScratch));
        EXPECT_EQ(vuart_read(&guest->vuart, 7), value) << index;
    }
}

/* Without the register that an address comes from, nobody can say whether it is the access that trapped. */
TEST_F(Emulate, TheFastPathNeedsTheBaseRegister) {
    StartGuest();
    for (uint32_t base_index = 1; base_index < REG_COUNT; base_index++) {
        bool is_there = IsThereOnTheFastPath(base_index);
        uint32_t lb = 0x00000583 | base_index << 15; /* to a1 */
        uint32_t sb = 0x00b00023 | base_index << 15;
        EXPECT_EQ(ExecuteFast(lb, CAUSE_LOAD_ACCESS, kScratch), is_there ? GUEST_LEFT_NOTHING : GUEST_LEFT_ALL);
        EXPECT_EQ(ExecuteFast(sb, CAUSE_STORE_ACCESS, kScratch), is_there ? GUEST_LEFT_NOTHING : GUEST_LEFT_ALL);
        EXPECT_TRUE(Execute(lb, CAUSE_LOAD_ACCESS, kScratch));
        EXPECT_TRUE(Execute(sb, CAUSE_STORE_ACCESS, kScratch));
    }
}

TEST_F(Emulate, TheFastPathTakesNothingThatItCannotDeliver) {
    StartGuest();
    ASSERT_EQ(port_put_input(&guest->port, "k", 1), 1u);
    EXPECT_EQ(ExecuteFast(0x00050483, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE), GUEST_LEFT_ALL); /* lb s1, 0(a0) */
    EXPECT_EQ(port_input_pending(&guest->port), 1u);
    EXPECT_TRUE(Execute(0x00050483, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE));
    EXPECT_EQ(vcpu->context.x[9], static_cast<unsigned long>('k'));
    EXPECT_EQ(port_input_pending(&guest->port), 0u);
}

TEST_F(Emulate, TheFastPathThroughPageTablesAndInShortForms) {
    StartGuest();
    MapSv39();
    vcpu->context.x[REG_A0] = 0x80;
    vcpu->context.x[REG_A1] = 0;
    EXPECT_EQ(ExecuteFast(0x8988, CAUSE_STORE_ACCESS, kUartVirtual + 7), GUEST_LEFT_NOTHING); /* c.sb a0, 0(a1) */
    EXPECT_EQ(vcpu->context.pc, code + 2);
    EXPECT_EQ(ExecuteFast(0x818c, CAUSE_LOAD_ACCESS, kUartVirtual + 7), GUEST_LEFT_NOTHING); /* c.lbu a1, 0(a1) */
    EXPECT_EQ(vcpu->context.x[REG_A1], 0x80u);
    EXPECT_EQ(vcpu->context.pc, code + 2);
}

TEST_F(Emulate, WhatIsSentOnTheFastPathIsForTheScheduler) {
    StartGuest();
    vcpu->context.x[REG_A2] = '!';
    ASSERT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kScratch), GUEST_LEFT_NOTHING);
    EXPECT_EQ(ExecuteFast(kSbA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE), GUEST_LEFT_SCHEDULE);
    EXPECT_EQ(Printed(), "!");
}

/* All of it stays to be done by who has all registers, who gives it to the guest. */
TEST_F(Emulate, WhatIsNotTheUartsIsNotForTheFastPath) {
    StartGuest();
    MapSv39();
    Put(uart_pte + 8, Pte(Board::kPlic, kKernelPage));
    for (unsigned long address : {kUartVirtual + DEVICE_UART_SIZE, kUartVirtual + 0x1000, kUartVirtual + 0x2000}) {
        EXPECT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, address), GUEST_LEFT_ALL) << address;
    }
    for (uint32_t instruction : {0u, kLwA0, kAmoaddW, 0u, ~0u, 0x00051507u /* flh */}) {
        EXPECT_EQ(ExecuteFast(instruction, CAUSE_LOAD_ACCESS, kUartVirtual), GUEST_LEFT_ALL) << instruction;
    }
    EXPECT_EQ(vcpu->context.pc, code);
    EXPECT_EQ(vcpu->exits[EXIT_ACCESS], 0u);
    EXPECT_EQ(board.stray_count, 0u);
}

TEST_F(Emulate, AnInstructionThatWasReplacedIsExecutedAgainOnTheFastPath) {
    StartGuest();
    ASSERT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kScratch), GUEST_LEFT_NOTHING);
    vcpu->context.x[REG_A0] = kScratch;
    vcpu->context.x[REG_A5] = kScratch;
    const struct context before = vcpu->context;
    /* Another address, known as the instruction is, then other instructions: a store, a word elsewhere. */
    EXPECT_EQ(ExecuteFastAsItIs(kLbA0, CAUSE_LOAD_ACCESS, kScratch - 1), GUEST_LEFT_NOTHING);
    EXPECT_EQ(ExecuteFastAsItIs(kSbA2A5, CAUSE_LOAD_ACCESS, kScratch), GUEST_LEFT_NOTHING);
    EXPECT_EQ(ExecuteFastAsItIs(kLwA0, CAUSE_LOAD_ACCESS, kScratch - 2), GUEST_LEFT_NOTHING);
    EXPECT_EQ(vcpu->context.pc, code);
    EXPECT_EQ(std::memcmp(vcpu->context.x, before.x, sizeof before.x), 0);
}

/* What was worked out before holds only as long as all that it was worked out from. */
TEST_F(Emulate, WhatIsKnownOfAnAccessIsLookedAtAnew) {
    StartGuest();
    MapSv39();
    uint64_t table = root + 0x1000; /* the second level */
    uint64_t other_root = root + 0x5000;
    std::memset(Memory(other_root), 0, 0x1000);
    unsigned long satp = Registers(0)->satp;
    unsigned long mstatus = vcpu->context.mstatus;
    auto loads = [this] { return ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual + 7) == GUEST_LEFT_NOTHING; };
    auto stores = [this] { return ExecuteFast(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual + 7) == GUEST_LEFT_NOTHING; };
    for (unsigned round = 0; round < 2; round++) {
        EXPECT_TRUE(loads() && stores() && loads() && stores());
        Put(uart_pte, Pte(DEVICE_UART_BASE + 0x1000, kKernelPage));
        EXPECT_FALSE(loads() || stores()) << "another page";
        Put(uart_pte, Pte(DEVICE_UART_BASE, kKernelPage & ~kW));
        EXPECT_TRUE(loads()) << "to be loaded from only";
        EXPECT_FALSE(stores());
        Put(uart_pte, Pte(DEVICE_UART_BASE, kKernelPage));
        EXPECT_TRUE(loads() && stores());
        Put(table, Pte(other_root, kV));
        EXPECT_FALSE(loads() || stores()) << "another table";
        Put(table, Pte(Board::kPlic, kV));
        EXPECT_FALSE(loads() || stores()) << "a table that is out of reach";
        Put(table, Pte(root + 0x2000, kV));
        EXPECT_TRUE(loads() && stores());
        Registers(0)->satp = 8ul << 60 | other_root >> 12;
        EXPECT_FALSE(loads() || stores()) << "other page tables";
        Registers(0)->satp = satp;
        EXPECT_TRUE(loads() && stores());
        ToUser();
        EXPECT_FALSE(loads() || stores()) << "another mode";
        vcpu->context.mstatus = mstatus;
        EXPECT_TRUE(loads() && stores());
        EXPECT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual + 0x1007), GUEST_LEFT_ALL) << "another page of it";
        EXPECT_TRUE(loads() && stores());
    }
    EXPECT_EQ(board.stray_count, 0u);
}

/* With SUM set, and clear again. */
TEST_F(Emulate, AUserPageIsTheSupervisorsUnderSumOnly) {
    StartGuest();
    MapSv39(kUserPage & ~kX);
    Put(root + 0x1000 + 8, Pte(base, kKernelPage)); /* the code stays the supervisor's */
    unsigned long mstatus = vcpu->context.mstatus;
    for (unsigned round = 0; round < 2; round++) {
        vcpu->context.mstatus = mstatus | HOST_STATUS_SUM;
        EXPECT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual + 7), GUEST_LEFT_NOTHING);
        vcpu->context.mstatus = mstatus;
        EXPECT_EQ(ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual + 7), GUEST_LEFT_ALL);
    }
}

/* Random tables and instructions, of which some stay as they were: what is known makes no difference. */
TEST_F(Emulate, WhatIsKnownChangesNothing) {
    StartGuest();
    MapSv39();
    std::mt19937_64 random(16550);
    const uint64_t places[] = {root + 8, root + 0x1000, uart_pte, root + 0x1000 + 8};
    const uint64_t ptes[] = {Pte(root + 0x1000, kV), Pte(root + 0x2000, kV), Pte(DEVICE_UART_BASE, kKernelPage),
                             Pte(base, kKernelPage), Pte(base, kV),          Pte(DEVICE_UART_BASE, kUserPage & ~kD)};
    const uint32_t instructions[] = {kLbA0, kLbuA0, kLbZero, kSbA2A5, kLwA0, kAmoaddW, 0};
    unsigned done = 0;
    for (unsigned round = 0; round < 20000; round++) {
        if (random() % 8 == 0) {
            MapSv39(random() % 4 != 0 ? kKernelPage : kUserPage);
        } else if (random() % 2 == 0) {
            Put(places[random() % std::size(places)], ptes[random() % std::size(ptes)]);
        }
        vcpu->context.mstatus = HOST_STATUS_MPP_S | (random() % 4 == 0 ? random() & HOST_STATUS_SUM : 0);
        uint32_t instruction = instructions[random() % std::size(instructions)];
        unsigned long cause = random() % 2 ? CAUSE_LOAD_ACCESS : CAUSE_STORE_ACCESS;
        Aim(instruction, kUartVirtual + 7);
        const struct context before = vcpu->context;
        enum guest_left left = ExecuteFastAsItIs(instruction, cause, kUartVirtual + 7);
        const struct context after = vcpu->context;
        vcpu->context = before;
        vcpu->known_load = {};
        vcpu->known_store = {};
        ASSERT_EQ(ExecuteFastAsItIs(instruction, cause, kUartVirtual + 7), left) << round;
        ASSERT_EQ(std::memcmp(&vcpu->context, &after, sizeof after), 0) << round;
        done += left == GUEST_LEFT_NOTHING;
        if (random() % 4 != 0) {
            (void)ExecuteFast(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual + 7); /* something to be known */
        }
    }
    EXPECT_GT(done, 1000u);
    EXPECT_LT(done, 19000u);
}

TEST_F(Emulate, AnInstructionThatIsGoneIsExecutedAgainOnTheFastPath) {
    StartGuest();
    MapSv39();
    vcpu->context.pc = kDataVirtual + 0x2000;
    EXPECT_EQ(guest_access_fast(&vcpu->context, CAUSE_LOAD_ACCESS, kUartVirtual), GUEST_LEFT_NOTHING);
    EXPECT_EQ(vcpu->context.pc, kDataVirtual + 0x2000);
}

TEST_F(Emulate, OtherWidthsAndAtomicsAreAccessFaults) {
    StartGuest();
    EXPECT_FALSE(Execute(kShA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_STORE_ACCESS));
    EXPECT_EQ(Registers(0)->stval, DEVICE_UART_BASE);
    EXPECT_FALSE(Execute(kLwA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE));
    EXPECT_FALSE(Execute(kAmoaddW, CAUSE_STORE_ACCESS, DEVICE_UART_BASE));
    EXPECT_EQ(Printed(), "");
}

TEST_F(Emulate, BesideTheUartThereIsNothing) {
    StartGuest();
    for (uint64_t address : {DEVICE_UART_BASE - 1, DEVICE_UART_BASE + DEVICE_UART_SIZE, uint64_t{0}, base + kGuestSize,
                             base - 1, ~uint64_t{0}, Board::kPlic, Board::kClint, Board::kFinisher}) {
        EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, address)) << address;
        EXPECT_EQ(Registers(0)->stval, address);
    }
    EXPECT_EQ(board.finisher, 0u);
}

TEST_F(Emulate, ThroughThePageTablesOfTheGuest) {
    StartGuest();
    MapSv39();
    vcpu->context.x[REG_A2] = 's';
    EXPECT_TRUE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
    EXPECT_EQ(Printed(), "s");
    EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE)) << "that address means something else now";
}

TEST_F(Emulate, UserModeNeedsAUserPageAndSupervisorModeSum) {
    StartGuest();
    MapSv39(kUserPage);
    ToUser();
    vcpu->context.x[REG_A2] = 'u';
    EXPECT_TRUE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
    MapSv39(kKernelPage);
    ToUser();
    EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
    EXPECT_EQ(Printed(), "u");
}

/* Between the trap and the walk another hart of the guest changes its tables: whatever they say then, only this guest
 * is concerned. */
TEST_F(Emulate, TablesThatChangeBehindTheTrap) {
    StartGuest();
    MapSv39();
    const std::vector<uint64_t> ptes = {0,
                                        ~uint64_t{0},
                                        Pte(base, kKernelPage),
                                        Pte(base + kGuestSize, kKernelPage),
                                        Pte(0, kKernelPage),
                                        Pte(root, kV) /* a table at the last level */,
                                        Pte(DEVICE_UART_BASE, kV | kW | kA | kD) /* reserved */,
                                        Pte(DEVICE_UART_BASE, kKernelPage & ~kW),
                                        Pte(Board::kPlic, kKernelPage)};
    for (uint64_t pte : ptes) {
        Put(uart_pte, pte);
        EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
    }
    EXPECT_EQ(Printed(), "");
    EXPECT_EQ(board.stray_count, 0u);
}

TEST_F(Emulate, TablesOutsideTheGuestAreNotRead) {
    StartGuest();
    MapSv39();
    for (uint64_t table : {uint64_t{0}, base - 0x1000, base + kGuestSize, Ram::Base(), uint64_t{DEVICE_UART_BASE},
                           Board::kPlic, (uint64_t{1} << 56) - 0x1000}) {
        Put(root + 8, Pte(table, kV));
        EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
        EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_STORE_ACCESS));
        EXPECT_EQ(Registers(0)->stval, kUartVirtual);
    }
    for (unsigned long satp : {8ul << 60, 8ul << 60 | ((1ul << 44) - 1), 15ul << 60, 1ul << 60}) {
        Registers(0)->satp = satp;
        EXPECT_FALSE(Execute(kLbA0, CAUSE_LOAD_ACCESS, kUartVirtual));
    }
    EXPECT_EQ(board.stray_count, 0u);
}

TEST_F(Emulate, RandomTablesAndInstructionsAreSurvived) {
    StartGuest();
    std::mt19937_64 random(39);
    for (unsigned round = 0; round < 20000; round++) {
        if (round % 50 == 0) {
            MapSv39(random() % 2 ? kKernelPage : kUserPage);
        }
        Put(root + random() % 0x4000 / 8 * 8,
            random() % 2 ? random() : Pte(root + random() % 4 * 0x1000, random() % 256));
        uint32_t instruction = static_cast<uint32_t>(random());
        PutCode(instruction);
        vcpu->context.mstatus = random() & (HOST_STATUS_SUM | HOST_STATUS_MXR | HOST_STATUS_FS | HOST_STATUS_MPP_S);
        vcpu->context.pc = random() % 4 ? kCodeVirtual + 0x100 : random();
        unsigned long causes[] = {CAUSE_LOAD_ACCESS,      CAUSE_STORE_ACCESS,        CAUSE_LOAD_MISALIGNED,
                                  CAUSE_STORE_MISALIGNED, CAUSE_ILLEGAL_INSTRUCTION, CAUSE_FETCH_ACCESS,
                                  random() % 64};
        unsigned long cause = causes[random() % std::size(causes)];
        if (cause == CAUSE_ECALL_S) {
            continue;
        }
        unsigned long value = random() % 3 ? kUartVirtual + random() % 16 : kDataVirtual + random() % 0x3000;
        if (random() % 8) {
            Aim(instruction, value);
        }
        struct vcpu *next = Trap(vcpu, cause, cause == CAUSE_ILLEGAL_INSTRUCTION ? random() % 2 * random() : value);
        if (next == nullptr) {
            ASSERT_EQ(end, HOST_SLEEPS);
            vcpu_post(vcpu, VCPU_REQUEST_IPI);
            ASSERT_EQ(Resume(), vcpu);
        }
        ASSERT_TRUE(guest_is_running(guest));
    }
    EXPECT_EQ(board.stray_count, 0u);
    EXPECT_EQ(board.finisher, 0u);
}

struct AccessCase {
    uint32_t instruction;
    unsigned size;
    bool is_signed;
    bool is_float;
};

/* Loads into a0 or fa0 from (a1); stores of a0 or fa0 to (a1). */
const AccessCase kLoads[] = {
    {0x00059503, 2, true, false},  /* lh */
    {0x0005d503, 2, false, false}, /* lhu */
    {0x0005a503, 4, true, false},  /* lw */
    {0x0005e503, 4, false, false}, /* lwu */
    {0x0005b503, 8, false, false}, /* ld */
    {0x0005a507, 4, false, true},  /* flw */
    {0x0005b507, 8, false, true},  /* fld */
    {0x4188, 4, true, false},      /* c.lw */
    {0x6188, 8, false, false},     /* c.ld */
    {0x2188, 8, false, true},      /* c.fld */
};
const AccessCase kStores[] = {
    {0x00a59023, 2, false, false}, /* sh */
    {0x00a5a023, 4, false, false}, /* sw */
    {0x00a5b023, 8, false, false}, /* sd */
    {0x00a5a027, 4, false, true},  /* fsw */
    {0x00a5b027, 8, false, true},  /* fsd */
    {0xc188, 4, false, false},     /* c.sw */
    {0xe188, 8, false, false},     /* c.sd */
    {0xa188, 8, false, true},      /* c.fsd */
};

TEST_F(Emulate, MisalignedLoadsOfEveryKindAlsoAcrossAPage) {
    StartGuest();
    MapSv39();
    vcpu->context.mstatus |= HOST_STATUS_FS;
    const uint8_t bytes[] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8};
    for (const AccessCase &access : kLoads) {
        for (uint64_t offset : {uint64_t{1}, uint64_t{0x1000 - 1}}) {
            uint64_t expected = 0;
            for (unsigned index = 0; index < access.size; index++) {
                uint64_t at = offset + index;
                *Memory(base + (at < 0x1000 ? 0x10000 + at : 0x14000 + at - 0x1000)) = bytes[index];
                expected |= uint64_t{bytes[index]} << 8 * index;
            }
            unsigned shift = 64 - 8 * access.size;
            if (access.is_signed) {
                expected = static_cast<uint64_t>(static_cast<int64_t>(expected << shift) >> shift);
            } else if (access.is_float && shift != 0) {
                expected |= ~uint64_t{0} << 8 * access.size;
            }
            EXPECT_TRUE(Execute(access.instruction, CAUSE_LOAD_MISALIGNED, kDataVirtual + offset));
            uint64_t value = access.is_float ? Registers(0)->f[10] : vcpu->context.x[REG_A0];
            EXPECT_EQ(value, expected) << std::hex << access.instruction;
        }
    }
}

TEST_F(Emulate, MisalignedStoresOfEveryKindAlsoAcrossAPage) {
    StartGuest();
    MapSv39();
    vcpu->context.mstatus |= HOST_STATUS_FS;
    vcpu->context.x[REG_A0] = 0x8877665544332211;
    Registers(0)->f[10] = 0x1020304050607080;
    for (const AccessCase &access : kStores) {
        for (uint64_t offset : {uint64_t{3}, uint64_t{0x1000 - 1}}) {
            std::memset(Memory(base + 0x10000), 0xee, 0x1000);
            std::memset(Memory(base + 0x14000), 0xee, 0x1000);
            EXPECT_TRUE(Execute(access.instruction, CAUSE_STORE_MISALIGNED, kDataVirtual + offset));
            uint64_t source = access.is_float ? Registers(0)->f[10] : vcpu->context.x[REG_A0];
            for (unsigned index = 0; index < 9; index++) {
                uint64_t at = offset + index;
                uint8_t stored = *Memory(base + (at < 0x1000 ? 0x10000 + at : 0x14000 + at - 0x1000));
                EXPECT_EQ(stored, index < access.size ? static_cast<uint8_t>(source >> 8 * index) : 0xee);
            }
        }
    }
}

TEST_F(Emulate, AMisalignedAccessThatFaultsIsTheFaultOfThatByte) {
    StartGuest();
    MapSv39();
    EXPECT_FALSE(Execute(0x0005a503, CAUSE_LOAD_MISALIGNED, kDataVirtual + 0x1ffe));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_LOAD_PAGE));
    EXPECT_EQ(Registers(0)->stval, kDataVirtual + 0x2000);
    Put(data_pte, Pte(base + 0x10000, kV | kR | kA));
    EXPECT_FALSE(Execute(0x00a5a023, CAUSE_STORE_MISALIGNED, kDataVirtual + 1));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_STORE_PAGE));
    Put(data_pte, Pte(base + kGuestSize, kKernelPage));
    EXPECT_FALSE(Execute(0x00a5a023, CAUSE_STORE_MISALIGNED, kDataVirtual + 1)) << "RAM, but not this guest's";
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_STORE_ACCESS));
}

TEST_F(Emulate, AFloatAccessWithFpOffAndAMisalignedAtomicAreTheGuests) {
    StartGuest();
    vcpu->context.mstatus &= ~HOST_STATUS_FS;
    EXPECT_FALSE(Execute(0x0005b507, CAUSE_LOAD_MISALIGNED, base + 0x1001));
    EXPECT_FALSE(Execute(kAmoaddW, CAUSE_STORE_MISALIGNED, base + 0x1001));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_STORE_MISALIGNED));
}

/* With Zcmp, what else is c.fsdsp pushes registers. */
TEST_F(Emulate, APushIsNoFloatStore) {
    constexpr uint32_t kPush = 0xb842; /* cm.push {ra}, -16, or c.fsdsp */
    StartGuest();
    vcpu->context.mstatus |= HOST_STATUS_FS;
    EXPECT_TRUE(Execute(kPush, CAUSE_STORE_MISALIGNED, base + 0x1001));
    isa_add(&guest->isa, ISA_ZCMP);
    EXPECT_FALSE(Execute(kPush, CAUSE_STORE_MISALIGNED, base + 0x1001));
}

TEST_F(Emulate, AnInstructionThatIsGoneIsExecutedAgain) {
    StartGuest();
    MapSv39();
    vcpu->context.pc = kDataVirtual + 0x2000;
    EXPECT_EQ(Trap(vcpu, CAUSE_LOAD_MISALIGNED, kDataVirtual + 1), vcpu);
    EXPECT_EQ(vcpu->context.pc, kDataVirtual + 0x2000);
}

/* Another hart of the guest has written another access there since the trap. */
TEST_F(Emulate, AnInstructionThatWasReplacedIsExecutedAgain) {
    struct {
        uint32_t instruction;
        unsigned long cause;
        unsigned long value;
    } cases[] = {
        {kSbA2A5, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE},       /* a load trapped */
        {kLbA0, CAUSE_STORE_ACCESS, DEVICE_UART_BASE},        /* a store */
        {kLbA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE + 1},     /* one of another address */
        {kSbA2A5, CAUSE_STORE_ACCESS, DEVICE_UART_BASE + 7},  /* likewise */
        {0x00a59023, CAUSE_LOAD_MISALIGNED, 0x80001001},      /* sh a0, (a1) */
        {0x00059503, CAUSE_STORE_MISALIGNED, 0x80001001},     /* lh a0, (a1) */
        {0x0005a503, CAUSE_LOAD_MISALIGNED, 0x80001001 + 4},  /* lw a0, (a1) */
        {0x0005a503, CAUSE_LOAD_MISALIGNED, 0x80001001 - 1},  /* likewise */
        {0x00a5b023, CAUSE_STORE_MISALIGNED, 0x80001001 + 8}, /* sd a0, (a1) */
    };
    StartGuest();
    vcpu->context.x[REG_A0] = DEVICE_UART_BASE;
    vcpu->context.x[REG_A1] = 0x80001001;
    vcpu->context.x[REG_A5] = DEVICE_UART_BASE;
    const struct context before = vcpu->context;
    for (const auto &replaced : cases) {
        PutCode(replaced.instruction);
        vcpu->context.pc = code;
        EXPECT_EQ(Trap(vcpu, replaced.cause, replaced.value), vcpu);
        EXPECT_EQ(vcpu->context.pc, code) << std::hex << replaced.instruction;
        EXPECT_EQ(std::memcmp(vcpu->context.x, before.x, sizeof before.x), 0) << std::hex << replaced.instruction;
    }
    EXPECT_EQ(Printed(), "");
}

/* What begins before the device is the same access still; with sstatus.UXL, addresses have 32 bits. */
TEST_F(Emulate, AnAccessThatIsStillThereIsNotExecutedAgain) {
    StartGuest();
    vcpu->context.x[REG_A0] = DEVICE_UART_BASE - 2;
    EXPECT_FALSE(ExecuteAsItIs(kLwA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE));
    vcpu->context.x[REG_A0] = 0xffffffff00000000 + DEVICE_UART_BASE;
    EXPECT_TRUE(ExecuteAsItIs(kLbuA0, CAUSE_LOAD_ACCESS, DEVICE_UART_BASE));
}

TEST_F(Emulate, TimeIsReadWhereTheHartHasNone) {
    StartGuest(kFeatures & ~uint32_t{HART_TIME});
    host_clock_set(0x1122334455667788);
    EXPECT_TRUE(Execute(0xc0102573, CAUSE_ILLEGAL_INSTRUCTION, 0xc0102573)); /* rdtime a0 */
    EXPECT_EQ(vcpu->context.x[REG_A0], 0x1122334455667788u);
    EXPECT_TRUE(Execute(0xc01025f3, CAUSE_ILLEGAL_INSTRUCTION, 0)) << "mtval may be 0: the instruction is fetched";
    EXPECT_EQ(vcpu->context.x[REG_A1], 0x1122334455667788u);
    EXPECT_FALSE(Execute(0xc8102573, CAUSE_ILLEGAL_INSTRUCTION, 0xc8102573)) << "rdtimeh is of rv32";
    EXPECT_FALSE(Execute(0xc0101573, CAUSE_ILLEGAL_INSTRUCTION, 0xc0101573)) << "csrrw: time cannot be written";
    for (uint32_t form : {3u, 6u, 7u}) {
        uint32_t read = 0xc0100573 | form << 12; /* csrrc, csrrsi and csrrci of nothing */
        EXPECT_TRUE(Execute(read, CAUSE_ILLEGAL_INSTRUCTION, read)) << form;
        EXPECT_FALSE(Execute(read | 1 << 15, CAUSE_ILLEGAL_INSTRUCTION, read | 1 << 15)) << form << " of something";
    }
    for (uint32_t form : {0u, 1u, 4u, 5u}) {
        uint32_t write = 0xc0100573 | form << 12;
        EXPECT_FALSE(Execute(write, CAUSE_ILLEGAL_INSTRUCTION, write)) << form;
    }
}

TEST_F(Emulate, UserModeReadsTimeIfTheGuestLetsIt) {
    StartGuest(kFeatures & ~uint32_t{HART_TIME});
    ToUser();
    EXPECT_FALSE(Execute(0xc0102573, CAUSE_ILLEGAL_INSTRUCTION, 0xc0102573));
    ToUser();
    Registers(0)->scounteren = 2;
    EXPECT_TRUE(Execute(0xc0102573, CAUSE_ILLEGAL_INSTRUCTION, 0xc0102573));
}

TEST_F(Emulate, WhereTheHartHasTimeItsTrapIsTheGuests) {
    StartGuest();
    EXPECT_FALSE(Execute(0xc0102573, CAUSE_ILLEGAL_INSTRUCTION, 0xc0102573));
}

TEST_F(Emulate, WfiOfUserModeIsIllegal) {
    StartGuest();
    ToUser();
    EXPECT_FALSE(Execute(0x10500073, CAUSE_ILLEGAL_INSTRUCTION, 0x10500073));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_ILLEGAL_INSTRUCTION));
    EXPECT_EQ(Registers(0)->stval, 0x10500073u);
    EXPECT_EQ(vcpu->context.mstatus & HOST_STATUS_SPP, 0u);
}

TEST_F(Emulate, WhatTheGuestDidWrongArrivesThere) {
    StartGuest();
    vcpu->context.mstatus |= HOST_STATUS_SIE;
    EXPECT_FALSE(Execute(0xffffffff, CAUSE_ILLEGAL_INSTRUCTION, 0xffffffff));
    EXPECT_EQ(vcpu->context.mstatus & HOST_STATUS_SIE, 0u);
    EXPECT_NE(vcpu->context.mstatus & HOST_STATUS_SPIE, 0u);
    EXPECT_NE(vcpu->context.mstatus & HOST_STATUS_SPP, 0u);
    EXPECT_FALSE(Execute(0, CAUSE_FETCH_ACCESS, 0x1234));
    EXPECT_EQ(Registers(0)->scause, static_cast<unsigned long>(CAUSE_FETCH_ACCESS));
    EXPECT_EQ(Registers(0)->stval, 0x1234u);
}

TEST_F(Emulate, AHandlerThatCannotBeEnteredEndsTheGuestWithAReport) {
    StartGuest();
    DropLog();
    vcpu->context.pc = kHandler;
    vcpu->context.x[REG_SP] = 0xabcdef;
    EXPECT_EQ(Trap(vcpu, CAUSE_FETCH_ACCESS, kHandler), nullptr);
    EXPECT_EQ(end, HOST_HALTED);
    std::string log = Log();
    EXPECT_NE(log.find("guest one: crashed: its vcpu 0 cannot take a trap: instruction access fault"),
              std::string::npos)
        << log;
    EXPECT_NE(log.find("0000000000abcdef"), std::string::npos) << log;
}

} // namespace
