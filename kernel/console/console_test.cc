/* console: what is shown, in which order and when. */
#include <random>
#include <sstream>

#include "kernel/console/console_fixture.h"
#include "kernel/console/terminal_model.h"

namespace {

class Console : public ConsoleFixture {};

} // namespace

TEST_F(Console, TagsEveryLine) {
    Start({"linux", "web"});
    Print(0, "one\r\ntwo\n");
    Print(1, "hello\n");
    EXPECT_EQ(Show(), "[linux] one\r\n[web] hello\r\n[linux] two\r\n") << "a line each in turn";
    EXPECT_FALSE(uart.tx_irq);
    EXPECT_TRUE(uart.rx_irq);
}

TEST_F(Console, KernelLinesComeFirstAndUntagged) {
    Start({"linux"});
    Print(0, "one\ntwo\n");
    log_print(&log, "guest linux: started");
    log_print(&log, "second");
    EXPECT_EQ(Show(), "guest linux: started\r\nsecond\r\n[linux] one\r\n[linux] two\r\n");
}

TEST_F(Console, ColoursAreTheKernels) {
    Start({"linux", "web"}, 0, true);
    Print(0, "\x1b[31mred\n");
    Print(1, "x\n");
    EXPECT_EQ(Show(), "\x1b[36m[linux]\x1b[0m red\r\n\x1b[33m[web]\x1b[0m x\r\n");
}

TEST_F(Console, NothingIsLostBeforeTheUartIsKnown) {
    log_init(&log, log_memory.data(), log_memory.size());
    struct console_config config = {&log, 0, false, SECOND, GuestState, PowerOff, Command, NextLine, this};
    console = std::make_unique<struct console>();
    console_init(console.get(), &config);
    log_print(&log, "early");
    EXPECT_EQ(Pump(), UINT64_MAX);
    console_attach_uart(console.get(), &uart.uart);
    EXPECT_EQ(Show(), "early\r\n");
}

TEST_F(Console, PortsAreCounted) {
    Start({});
    std::vector<std::unique_ptr<struct port>> many;
    for (int count = 0; count <= CONSOLE_PORT_COUNT_MAX; count++) {
        many.push_back(std::make_unique<struct port>());
        port_init(many.back().get(), "guest", nullptr, nullptr);
        EXPECT_EQ(console_add_port(console.get(), many.back().get()),
                  count < CONSOLE_PORT_COUNT_MAX ? STATUS_OK : STATUS_NO_MEMORY);
    }
}

TEST_F(Console, APromptAppearsAfterAPause) {
    Start({"linux"});
    Print(0, "login: ");
    EXPECT_EQ(Pump(), now + PAUSE);
    EXPECT_EQ(Sent(), "");
    now += PAUSE - 1;
    EXPECT_EQ(Pump(), now + 1);
    EXPECT_EQ(Sent(), "");
    now += 1;
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "[linux] login: ");
}

TEST_F(Console, APauseBeginsWithTheLastByte) {
    Start({"linux"});
    Print(0, "log");
    (void)Pump();
    now += PAUSE - 1;
    Print(0, "in: ");
    EXPECT_EQ(Pump(), now + PAUSE);
    EXPECT_EQ(Sent(), "");
}

TEST_F(Console, EchoIsImmediate) {
    Start({"linux"});
    Print(0, "# ");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Print(0, "l");
    EXPECT_EQ(Show(), "l");
    Print(0, "s\b \b");
    EXPECT_EQ(Show(), " \b") << "only what can be seen in the end";
    Print(0, "s\r\nfile\r\n");
    EXPECT_EQ(Show(), "s\r\n[linux] file\r\n");
}

TEST_F(Console, ACrAloneIsShownOnlyWithWhatFollows) {
    Start({"linux"});
    Print(0, std::string(30, '.'));
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Print(0, "\r");
    EXPECT_EQ(Pump(), now + PAUSE);
    EXPECT_EQ(Sent(), "");
    Print(0, "\n");
    EXPECT_EQ(Show(), "\r\n");
    Print(0, std::string(30, '.') + "\r");
    (void)Pump();
    now += PAUSE;
    EXPECT_EQ(Show(), "[linux] " + std::string(30, '.') + "\r[linux] ");
    Print(0, "50%");
    EXPECT_EQ(Show(), "50%");
}

TEST_F(Console, AnotherLineDisplacesThePrompt) {
    Start({"linux", "web"});
    Print(0, "# ");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Print(1, "hello\n");
    EXPECT_EQ(Pump(), now + PAUSE);
    EXPECT_EQ(Sent(), "\r\n[web] hello\r\n");
    now += PAUSE / 2;
    Print(1, "again\n");
    EXPECT_EQ(Pump(), now + PAUSE) << "the screen must be quiet for the pause";
    EXPECT_EQ(Sent(), "[web] again\r\n");
    now += PAUSE;
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "[linux] # ");
}

TEST_F(Console, ADisplacedPromptComesBackWhenItChanges) {
    Start({"linux", "web"});
    Print(0, "# ");
    (void)Pump();
    now += PAUSE;
    (void)Pump();
    log_print(&log, "kernel");
    (void)Show();
    Print(0, "l");
    EXPECT_EQ(Show(), "[linux] # l");
}

TEST_F(Console, OnlyTheKeyboardsPromptComesBackByItself) {
    Start({"linux", "web"});
    Print(1, "web> ");
    (void)Pump();
    now += PAUSE;
    EXPECT_EQ(Show(), "[web] web> ");
    log_print(&log, "kernel");
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "\r\nkernel\r\n");
    Print(1, "x");
    EXPECT_EQ(Pump(), now + PAUSE);
    now += PAUSE;
    (void)Pump();
    EXPECT_EQ(Sent(), "[web] web> x") << "all of it, so that one sees what it belongs to";
}

TEST_F(Console, TwoPromptsDoNotFight) {
    Start({"linux", "web"});
    Print(0, "# ");
    Print(1, "web> ");
    uint64_t deadline = Pump();
    for (int count = 0; count < 20 && deadline != UINT64_MAX; count++) {
        now = deadline;
        deadline = Pump();
    }
    EXPECT_EQ(deadline, UINT64_MAX);
    EXPECT_EQ(Sent(), "[linux] # \r\n[web] web> \r\n[linux] # ");
}

TEST_F(Console, APromptAppearsDuringAFlood) {
    Start({"linux", "web"});
    Print(0, "# ");
    std::string all;
    for (int round = 0; round < 200; round++) {
        Print(1, std::string(1000, 'f') + "\n");
        uart.room = 100;
        (void)Pump();
        now += PAUSE / 10;
    }
    EXPECT_NE(Sent().find("[linux] # "), std::string::npos);
}

TEST_F(Console, ClearedLinesAreNotShownAgain) {
    Start({"linux", "web"});
    Print(0, "#");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    log_print(&log, "kernel");
    (void)Show();
    Print(0, "\b\x1b[K");
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "");
}

TEST_F(Console, LongLinesNeverReachTheLastColumn) {
    Start({"linux"}, 60);
    TerminalModel terminal(60);
    Print(0, std::string(51, 'a') + "\n" + std::string(52, 'b') + "\n");
    terminal.Put(Show());
    EXPECT_EQ(terminal.Rows(), (std::vector<std::string>{"[linux] " + std::string(51, 'a'),
                                                         "[linux] " + std::string(51, 'b'), "[linux] b", ""}));
    EXPECT_TRUE(terminal.Violations().empty());
}

TEST_F(Console, AFullUartInterruptsWhenItHasRoom) {
    Start({"linux"});
    Print(0, "0123456789\n");
    uart.room = 5;
    (void)Pump();
    EXPECT_TRUE(uart.tx_irq);
    EXPECT_EQ(Sent(), "[linu");
    uart.room = 100;
    EXPECT_EQ(Show(), "x] 0123456789\r\n");
    EXPECT_FALSE(uart.tx_irq);
}

TEST_F(Console, AFullUartDoesNotBringBackOverdueDeadlines) {
    Start({"linux", "web"});
    Print(0, "# ");
    (void)Pump();
    Print(1, "line\n");
    uart.room = 0;
    now += PAUSE;
    EXPECT_EQ(Pump(), now + PAUSE);
    EXPECT_TRUE(uart.tx_irq);
}

TEST_F(Console, ABudgetBoundsTheWork) {
    Start({"linux"});
    Print(0, std::string(3000, '\0') + "text\n");
    unsigned rounds = 0;
    for (uint64_t deadline = 0; deadline != UINT64_MAX; rounds++) {
        deadline = Pump(100);
        EXPECT_TRUE(deadline == UINT64_MAX || deadline == now + POLL) << "there is more: it comes back soon,";
        EXPECT_FALSE(uart.tx_irq) << "but not at once by an interrupt of a UART that has room";
    }
    EXPECT_GE(rounds, 30u);
    EXPECT_LE(rounds, 40u);
    EXPECT_EQ(Sent(), "[linux] text\r\n");
    (void)Pump(0);
}

TEST_F(Console, WhatComesWhileAPumpLeavesIsNotMissed) {
    Start({"linux", "web"});
    uint64_t others_deadline = 0;
    uart.visitor = [&] {
        Print(1, "hello\n> ");
        others_deadline = Pump(); /* another hart, which finds the lock held */
        EXPECT_EQ(Sent(), "[linux] one\r\n");
    };
    Print(0, "one\n");
    EXPECT_EQ(Pump(), now + PAUSE) << "the one that shows it also comes back for the prompt";
    EXPECT_EQ(others_deadline, UINT64_MAX);
    EXPECT_EQ(Sent(), "[web] hello\r\n");
}

TEST_F(Console, APumpThatOthersKeepBusyEndsWithItsBudget) {
    Start({"linux"});
    unsigned visit_count = 0;
    std::function<void()> visit = [&] {
        visit_count++;
        uart.visitor = visit;
        (void)Pump();
    };
    uart.visitor = visit;
    EXPECT_EQ(Pump(100), now + POLL);
    EXPECT_LE(visit_count, 100u);
}

TEST_F(Console, WithoutInterruptsItAsksToBePolled) {
    Start({"linux"});
    uart.uart.has_irq = false;
    EXPECT_EQ(Pump(), now + POLL);
    Print(0, "text\n");
    uart.room = 0;
    EXPECT_EQ(Pump(), now + POLL);
    EXPECT_FALSE(uart.tx_irq);
}

TEST_F(Console, AFloodNeitherStarvesNorLosesAnything) {
    Start({"flood", "web", "log"});
    uart.room = 0;
    std::string expected[3], waiting[3];
    TerminalModel terminal(0);
    for (int round = 0; round < 4000; round++) {
        if (waiting[0].empty()) {
            waiting[0] = std::string(round % 300, 'x') + (round % 7 ? "\n" : "");
            expected[0] += waiting[0];
        }
        for (size_t guest = 1; guest < 3 && round % 40 == 0; guest++) {
            std::string line = "line " + std::to_string(round) + "\n";
            waiting[guest] += line;
            expected[guest] += line;
        }
        for (size_t guest = 0; guest < 3; guest++) {
            waiting[guest].erase(0, Print(guest, waiting[guest]));
        }
        uart.room = 64;
        (void)Pump(256);
    }
    EXPECT_LT(port_space(ports[0].get()), 300u) << "the flooding guest waits";
    EXPECT_EQ(port_output_pending(ports[1].get()), 0u) << "the others do not";
    EXPECT_EQ(port_output_pending(ports[2].get()), 0u);
    uart.room = SIZE_MAX;
    (void)Pump();
    waiting[0].erase(0, Print(0, waiting[0] + "\n"));
    (void)Pump();
    std::string shown[3];
    terminal.Put(Sent());
    for (const std::string &row : terminal.Rows()) {
        const char *tags[3] = {"[flood]", "[web]", "[log]"};
        for (int guest = 0; guest < 3; guest++) {
            if (row.rfind(tags[guest], 0) == 0) {
                size_t size = std::string(tags[guest]).size() + 1;
                shown[guest] += (row.size() > size ? row.substr(size) : "") + "\n";
            }
        }
    }
    EXPECT_EQ(shown[1], expected[1]);
    EXPECT_EQ(shown[2], expected[2]);
    auto count = [](const std::string &text) { return std::count(text.begin(), text.end(), 'x'); };
    EXPECT_EQ(count(shown[0]), count(expected[0]));
}

TEST_F(Console, TurnsAreFairBetweenFloods) {
    Start({"a", "b", "c"});
    size_t sent[3] = {};
    for (int round = 0; round < 3000; round++) {
        for (size_t guest = 0; guest < 3; guest++) {
            Print(guest, std::string(60, static_cast<char>('x' + guest)) + "\n");
        }
        uart.room = 70;
        (void)Pump(256);
    }
    for (char character : Sent()) {
        if (character >= 'x' && character <= 'z') {
            sent[character - 'x']++;
        }
    }
    EXPECT_NEAR(static_cast<double>(sent[0]), static_cast<double>(sent[1]), 200);
    EXPECT_NEAR(static_cast<double>(sent[1]), static_cast<double>(sent[2]), 200);
    EXPECT_GT(sent[0], 30000u);
}

TEST_F(Console, RawViewPassesBytesUntouched) {
    Start({"linux", "web"});
    Print(0, "# ");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Type("\x1dr");
    EXPECT_EQ(Show(), "\r\nraw view of linux; Ctrl-] r leaves it\r\n# ");
    std::string bytes = "\x1b[2J\x1b[1;1H\x9b\xc3\xa4\b\r\n";
    bytes += '\0';
    Print(0, bytes);
    EXPECT_EQ(Show(), bytes);
    Print(1, "hello\n");
    log_print(&log, "kernel");
    EXPECT_EQ(Show(), "") << "the others wait";
    Print(0, "\x1b]0;begun");
    (void)Show();
    Type("\x1d");
    EXPECT_EQ(Show(), "");
    Type("r");
    std::string left = Show();
    EXPECT_EQ(left[0], '\x18') << "what was begun ends";
    EXPECT_EQ(left.substr(left.find("\r\n") + 2), "kernel\r\ntagged view of all guests\r\n[web] hello\r\n");
}

TEST_F(Console, RawViewKeepsTheUnfinishedLine) {
    Start({"linux"});
    Type("\x1dr");
    (void)Show();
    Print(0, "one\r\ntwo");
    EXPECT_EQ(Show(), "one\r\ntwo");
    Type("\x1dr");
    (void)Show();
    now += PAUSE;
    EXPECT_EQ(Show(), "[linux] two");
}

TEST_F(Console, RawViewCountsWhatItHides) {
    Start({"linux", "web"});
    Print(1, "begun ");
    (void)Pump();
    Type("\x1dr");
    (void)Pump();
    size_t written = 0;
    for (int round = 0; round < 100; round++) {
        std::string line = std::string(99, static_cast<char>('a' + round % 26)) + "\n";
        ASSERT_EQ(Print(1, line), line.size()) << "a guest never waits for somebody else's raw view";
        written += line.size();
        (void)Pump();
    }
    Type("\x1dr");
    (void)Sent();
    std::string text = Show();
    ASSERT_NE(text.find("[web] begun \r\n[web] ... "), std::string::npos) << text;
    size_t notice = text.find("...");
    size_t hidden = std::stoul(text.substr(notice + 4));
    EXPECT_EQ(text.find(" bytes not shown\r\n"), notice + 4 + std::to_string(hidden).size());
    size_t kept = 0;
    std::istringstream rows(text.substr(text.find('\n', notice) + 1));
    for (std::string row; std::getline(rows, row);) {
        kept += row.size() - std::string("[web] \r").size() + 1;
    }
    EXPECT_EQ(hidden + kept, written);
}

TEST_F(Console, TheEndOfAGuestEndsItsLine) {
    Start({"linux", "web"});
    Print(0, "Power down");
    Type("unread");
    console_end_guest(console.get(), ports[0].get());
    EXPECT_EQ(Pump(), UINT64_MAX);
    EXPECT_EQ(Sent(), "[linux] Power down\r\n");
    EXPECT_EQ(Read(0), "");
    console_end_guest(console.get(), ports[0].get());
    EXPECT_EQ(Show(), "") << "there is no line to end";
    Print(0, "\x1b]0;unfinished");
    console_end_guest(console.get(), ports[0].get());
    (void)Pump();
    Print(0, "Linux again\n");
    EXPECT_EQ(Show(), "[linux] Linux again\r\n");
}

TEST_F(Console, WhatAGuestSaidComesBeforeTheLineThatItIsGone) {
    Start({"linux", "web"});
    Print(1, "working\n");
    Print(0, "one\ntwo\nlast words");
    console_end_guest(console.get(), ports[0].get());
    log_print(&log, "guest linux: shut down");
    Print(0, "its next life\n");
    EXPECT_EQ(Show(), "[linux] one\r\n[linux] two\r\n[linux] last words\r\nguest linux: shut down\r\n"
                      "[linux] its next life\r\n[web] working\r\n");
}

/* What was dropped while somebody else had the raw view does not come any more. */
TEST_F(Console, NorDoesItsNextLifeComeBeforeThatLineAfterARawView) {
    Start({"linux", "web"});
    Type("\x1dr");
    (void)Pump();
    for (int line = 0; line < 25; line++) {
        Print(1, std::string(99, 'o') + "\n");
    }
    console_end_guest(console.get(), ports[1].get());
    log_print(&log, "guest web: crashed");
    for (int line = 0; line < 100; line++) {
        Print(1, std::string(99, 'n') + "\n");
        (void)Pump();
    }
    Type("\x1dr");
    std::string text = Show();
    size_t crash = text.find("guest web: crashed");
    ASSERT_NE(crash, std::string::npos);
    EXPECT_GT(text.find("nnn"), crash) << text.substr(0, crash + 40);
    EXPECT_LT(text.find(" bytes not shown"), crash) << text;
}

TEST_F(Console, TheEndOfAGuestEndsItsRawView) {
    Start({"linux", "web"});
    Type("\x1dr");
    (void)Pump();
    console_end_guest(console.get(), ports[0].get());
    log_print(&log, "guest linux: crashed");
    EXPECT_NE(Show().find("guest linux: crashed\r\n"), std::string::npos);
}

TEST_F(Console, FlushShowsEverything) {
    Start({"linux", "web"});
    uart.room = 3;
    Print(0, "one\ntwo");
    Print(1, "> ");
    log_print(&log, "kernel");
    (void)Pump();
    uart.room = SIZE_MAX;
    console_flush(console.get(), now);
    EXPECT_EQ(Sent(), "kernel\r\n[linux] one\r\n[web] > \r\n[linux] two\r\n");
}

TEST_F(Console, FlushGivesUpOnADeadUart) {
    Start({"linux"});
    uart.room = 3;
    Print(0, "text\n");
    console_flush(console.get(), now);
    EXPECT_EQ(Sent(), "[li");
}

namespace {

/* Bytes as hostile as they come: controls, halves of sequences, and texts that look like the kernel's. */
std::string HostileBytes(std::mt19937 *random) {
    static const std::string pieces[] = {
        "\r",
        "\n",
        "\b",
        "\b\b\b\b\b\b\b\b\b\b",
        "\r\b",
        "\n\r",
        "\x1b[1G",
        "\x1b[1000D",
        "\x1b[A",
        "\x1b[1;1H",
        "\x1b[2K",
        "\x1b[K",
        "\x1b[J",
        "\x1b[500C",
        "\x1b[?7h",
        "\x1bM",
        "\x1b"
        "c",
        "\x1b]0;",
        "\x1bP",
        "\x1b[",
        "\x1b",
        "\a",
        "\x9b"
        "1G",
        "\x85",
        "\x8d",
        "\x9c",
        "\x18",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\x7f",
        "\x0b",
        "\x0c",
        "\x0e",
        "\t",
        "\t\t\t\t\t\t\t\t\t\t\t\t",
        "[victim] root login\n",
        "kernel: panic\n",
        "\r[victim] root login",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    };
    std::string bytes;
    for (unsigned count = (*random)() % 20; count > 0; count--) {
        switch ((*random)() % 3) {
        case 0:
            bytes += static_cast<char>((*random)());
            break;
        case 1:
            bytes += pieces[(*random)() % (sizeof(pieces) / sizeof(pieces[0]))];
            break;
        default:
            bytes += std::string((*random)() % 60, static_cast<char>(' ' + (*random)() % 95));
            break;
        }
    }
    return bytes;
}

class Forging : public ConsoleFixture, public testing::WithParamInterface<unsigned> {};

bool IsKernelLine(const std::string &row) {
    return row.rfind("kernel line ", 0) == 0 &&
           row.find_first_not_of("0123456789", sizeof("kernel line ") - 1) == std::string::npos;
}

} // namespace

TEST_P(Forging, EveryRowIsTaggedOrTheKernels) {
    std::mt19937 random(GetParam());
    const unsigned columns = (const unsigned[]){0, 48, 80, 132}[GetParam() % 4];
    Start({"evil", "victim"}, columns, GetParam() % 2);
    TerminalModel terminal(columns);
    unsigned kernel_count = 0;
    for (int round = 0; round < 1500; round++) {
        Print(0, HostileBytes(&random));
        if (random() % 8 == 0) {
            Print(1, "victim says nothing\n");
        }
        if (random() % 8 == 0) {
            log_print(&log, "kernel line %u", kernel_count++);
        }
        if (random() % 100 == 0) {
            console_select(console.get(), ports[random() % 2].get());
        }
        uart.room = random() % 3 ? SIZE_MAX : random() % 100;
        (void)Pump(random() % 3 ? PLENTY : random() % 100);
        terminal.Put(Sent());
        now += random() % PAUSE;
    }
    uart.room = SIZE_MAX;
    (void)Pump();
    terminal.Put(Sent());
    EXPECT_TRUE(terminal.Violations().empty()) << testing::PrintToString(terminal.Violations());
    EXPECT_GE(terminal.LeftmostByBackspace(), sizeof("[evil] ") - 1);
    unsigned kernel_rows = 0, victim_rows = 0, evil_rows = 0;
    std::vector<std::string> rows = terminal.Rows();
    for (size_t index = 0; index < rows.size(); index++) {
        const std::string &row = rows[index];
        if (row == "[victim] victim says nothing") {
            victim_rows++;
        } else if (row.rfind("[evil]", 0) == 0) {
            evil_rows++;
        } else if (IsKernelLine(row)) {
            kernel_rows++;
        } else {
            ASSERT_TRUE(row == "keyboard: evil" || row == "keyboard: victim" ||
                        (row.empty() && index + 1 == rows.size()))
                << row;
        }
    }
    EXPECT_EQ(kernel_rows, kernel_count);
    EXPECT_GT(victim_rows, 50u);
    EXPECT_GT(evil_rows, 100u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Forging, testing::Range(0u, 12u));
