/* console, keyboard side: who gets the keys, and what the commands say and do. */
#include "kernel/console/console_fixture.h"

namespace {

class ConsoleInput : public ConsoleFixture {};

} // namespace

TEST_F(ConsoleInput, KeysGoToTheGuestThatHasTheKeyboard) {
    Start({"linux", "web"});
    Type("ls\r\x03");
    EXPECT_EQ(Read(0), "ls\r\x03");
    EXPECT_EQ(Read(1), "");
    EXPECT_EQ(woken, (std::vector<std::string>{"linux", "linux", "linux", "linux"}));
    console_select(console.get(), ports[1].get());
    EXPECT_EQ(Show(), "keyboard: web\r\n");
    Type("x");
    EXPECT_EQ(Read(0), "");
    EXPECT_EQ(Read(1), "x");
}

TEST_F(ConsoleInput, WithoutGuestsKeysGoNowhere) {
    Start({});
    Type("x\x1dn\x1dr\x1d"
         "1\x1dl");
    EXPECT_EQ(Show(), "keyboard: there is no guest 1; Ctrl-] l lists them\r\n"
                      "guests (Ctrl-] and the key gives one the keyboard)\r\n");
}

TEST_F(ConsoleInput, AGuestThatDoesNotReadLosesKeysOnly) {
    Start({"linux"});
    Type(std::string(1000, 'k'));
    EXPECT_EQ(Read(0), std::string(PORT_INPUT_SIZE, 'k'));
    EXPECT_EQ(woken.size(), static_cast<size_t>(PORT_INPUT_SIZE));
}

TEST_F(ConsoleInput, IndexAndNextSelect) {
    Start({"linux", "web", "db"});
    Type("\x1d"
         "3a\x1dnb\x1dnc\x1d"
         "4d");
    EXPECT_EQ(Read(2), "a");
    EXPECT_EQ(Read(0), "b");
    EXPECT_EQ(Read(1), "cd");
    EXPECT_EQ(Show(), "keyboard: db\r\nkeyboard: linux\r\nkeyboard: web\r\n"
                      "keyboard: there is no guest 4; Ctrl-] l lists them\r\n");
}

TEST_F(ConsoleInput, ThePrefixTwiceIsSentOnce) {
    Start({"linux"});
    Type("a\x1d\x1d"
         "b");
    EXPECT_EQ(Read(0), "a\x1d"
                       "b");
}

TEST_F(ConsoleInput, SelectingShowsThePrompt) {
    Start({"linux", "web"});
    Print(1, "web> ");
    (void)Pump();
    now += PAUSE;
    (void)Show();
    Print(0, "done\n");
    (void)Show();
    Type("\x1d"
         "2");
    EXPECT_EQ(Show(), "keyboard: web\r\n[web] web> ");
}

TEST_F(ConsoleInput, ListsGuests) {
    Start({"linux", "web"});
    Type("\x1dl");
    EXPECT_EQ(Show(), "guests (Ctrl-] and the key gives one the keyboard)\r\n"
                      "  1  linux            running, has the keyboard\r\n"
                      "  2  web              running\r\n");
}

TEST_F(ConsoleInput, Helps) {
    Start({"linux"});
    Type("\x1dh");
    std::string help = Show();
    EXPECT_NE(help.find("power off"), std::string::npos);
    Type("\x1d?");
    EXPECT_EQ(Show(), help);
    Type("\x1d!");
    EXPECT_EQ(Show(), "Ctrl-]: no such command; Ctrl-] h lists them\r\n");
    EXPECT_EQ(Read(0), "");
}

TEST_F(ConsoleInput, QuitAsksAndPowersOffWithoutTheLock) {
    Start({"linux"});
    Type("\x1dqn");
    EXPECT_EQ(power_off_count, 0);
    EXPECT_EQ(Show(), "power off, with all guests? y: yes, any other key: no\r\npower off: no\r\n");
    Type("\x1dkn");
    EXPECT_EQ(Show(), "stop guest " + std::string(ports[0]->name) + "? y: yes, any other key: no\r\nstop: no\r\n");
    Type("\x1dxn");
    EXPECT_EQ(Show(),
              "restart guest " + std::string(ports[0]->name) + "? y: yes, any other key: no\r\nrestart: no\r\n");
    EXPECT_TRUE(commands.empty());
    console->config.power_off = [](void *context) {
        auto *self = static_cast<ConsoleInput *>(context);
        console_flush(self->console.get(), self->now);
        self->power_off_count++;
    };
    Type("\x1dqy");
    EXPECT_EQ(power_off_count, 1);
    EXPECT_NE(Sent().find("power off: yes"), std::string::npos);
    EXPECT_EQ(Read(0), "");
}

TEST_F(ConsoleInput, CommandsLeaveTheRawView) {
    Start({"linux", "web"});
    for (const char *command : {"\x1dn", "\x1dl", "\x1dh", "\x1dq", "\x1d!",
                                "\x1d"
                                "1"}) {
        Type("\x1dr");
        (void)Pump();
        EXPECT_NE(console->raw, nullptr);
        Type("a\x1d\x1d");
        (void)Pump();
        EXPECT_NE(console->raw, nullptr);
        Type(command);
        (void)Pump();
        EXPECT_EQ(console->raw, nullptr) << command;
        Type("n");
    }
}

TEST_F(ConsoleInput, ReceiveReadsTheUartAndPumps) {
    Start({"linux"});
    for (char key : std::string("\x1dlabc")) {
        uart.typed.push_back(static_cast<uint8_t>(key));
    }
    EXPECT_EQ(console_receive(console.get(), now, PLENTY), UINT64_MAX);
    EXPECT_EQ(Read(0), "abc");
    EXPECT_NE(Sent().find("linux"), std::string::npos);
    uart.typed.assign(1000, 'x');
    (void)console_receive(console.get(), now, PLENTY);
    EXPECT_EQ(uart.typed.size(), 1000u - 64) << "bounded: the rest interrupts again";
}
