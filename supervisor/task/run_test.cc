// The loop around a program, with a function of the test for the program.
#include "supervisor/task/fake_program.h"

extern "C" {
#include "supervisor/arch/host/user_context.h"
#include "supervisor/dev/log.h"
#include "supervisor/task/run.h"
}

namespace {

class RunTest : public FakeProgram {
  protected:
    RunTest() {
        log_init(&terminal);
    }

    ~RunTest() override {
        log_init(nullptr);
    }
};

enum user_event Syscall(struct user_context *context, unsigned long number, unsigned long a, unsigned long b,
                        unsigned long c) {
    context->x[17] = number;
    context->x[10] = a;
    context->x[11] = b;
    context->x[12] = c;
    return USER_SYSCALL;
}

TEST_F(RunTest, ServesCallsUntilTheProgramExits) {
    static int step;
    step = 0;
    Poke(kData, "hi\n", 3);
    host_user_program = [](user_context *context) {
        switch (step++) {
        case 0:
            return Syscall(context, LINUX_NR_WRITE, 1, kData, 3);
        case 1:
            EXPECT_EQ(context->x[10], 3u);
            return USER_INTERRUPT;
        default:
            return Syscall(context, LINUX_NR_EXIT, 4, 0, 0);
        }
    };
    task_run(&process);
    EXPECT_EQ(step, 3);
    task_report(&process);
    EXPECT_EQ(screen, "hi\r\ndiosix supervisor: program ended with status 4\r\n");
}

TEST_F(RunTest, BringsPagesInAndEndsOnARealFault) {
    static int step;
    step = 0;
    host_user_program = [](user_context *context) {
        context->cause = ACCESS_WRITE;
        context->value = step++ == 0 ? kData + 5 : kReadOnly + 6;
        context->x[0] = 0x10abc;
        return USER_PAGE_FAULT;
    };
    task_run(&process);
    EXPECT_EQ(step, 2);
    EXPECT_EQ(process.state, TASK_FAULTED);
    tty_write(&terminal, "partial", 7);
    task_report(&process);
    EXPECT_EQ(screen,
              "partial\r\ndiosix supervisor: program was ended: cause at pc 0x10abc, address 0x22006 (cause 2)\r\n");
}

TEST_F(RunTest, EndsOnAnException) {
    host_user_program = [](user_context *) { return USER_EXCEPTION; };
    task_run(&process);
    EXPECT_EQ(process.state, TASK_FAULTED);
}

TEST_F(RunTest, EndsWhenMemoryRunsOut) {
    ASSERT_EQ(address_space_map(&process.space, 0x100000, 0x100000, ACCESS_READ | ACCESS_WRITE), STATUS_OK);
    static unsigned long next;
    next = 0x100000;
    host_user_program = [](user_context *context) {
        context->cause = ACCESS_READ;
        context->value = next;
        next += 0x1000;
        return USER_PAGE_FAULT;
    };
    task_run(&process);
    EXPECT_EQ(process.state, TASK_OUT_OF_MEMORY);
    task_report(&process);
    EXPECT_NE(screen.find("out of memory"), std::string::npos);
}

TEST_F(RunTest, ReportsASignal) {
    host_user_program = [](user_context *context) { return Syscall(context, LINUX_NR_KILL, TASK_ID, 6, 0); };
    task_run(&process);
    task_report(&process);
    EXPECT_NE(screen.find("program was ended by its own signal 6"), std::string::npos);
}

} // namespace
