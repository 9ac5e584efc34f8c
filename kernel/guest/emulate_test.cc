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
                                        Pte(DEVICE_UART_BASE, kKernelPage & ~kD),
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
    for (uint64_t table : {uint64_t{0}, base - 0x1000, base + kGuestSize, Board::kPlic, (uint64_t{1} << 56) - 0x1000}) {
        Put(root + 8, Pte(table, kV));
        EXPECT_FALSE(Execute(kSbA2A5, CAUSE_STORE_ACCESS, kUartVirtual));
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
