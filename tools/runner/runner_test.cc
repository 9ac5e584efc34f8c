/*
 * The front door, with small scripts in the places of QEMU, gdb and the packer: what it makes of the user's words, what
 * it starts, and what it leaves behind.
 */
#include "tools/packer/child_process.h"
#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <string>

namespace {

using Words = ChildProcess::Words;

class Runner : public testing::Test {
  protected:
    void SetUp() override {
        folder_.write("default.fit", "fit");
        folder_.write("tmp/kept", "");
        write_program("qemu", "printf '%s\\n' \"$@\" > \"$(dirname \"$0\")/qemu.words\"");
        write_program("packer", "printf '%s\\n' \"$@\" > \"$(dirname \"$0\")/packer.words\"; printf packed > \"$2\"");
        environment_["BUILD_WORKING_DIRECTORY"] = "/home/user";
        environment_["TMPDIR"] = folder_.path("tmp");
    }

    void write_program(const std::string &name, const std::string &body) {
        std::filesystem::permissions(folder_.write(name, "#!/bin/bash\n" + body + "\n"), std::filesystem::perms(0755));
    }

    Words make_words(const Words &user) {
        Words words = {"tools/runner/runner.sh"};
        for (const auto &[name, value] : facts_) {
            words.insert(words.end(), {"--" + name, value});
        }
        words.insert(words.end(), user.begin(), user.end());
        return words;
    }

    int run(const Words &user) {
        ChildProcess child(make_words(user), environment_);
        int status = child.finish();
        output_ = child.output;
        errors_ = child.errors;
        return status;
    }

    /* The word behind `option` in what the program `name` was called with. */
    std::string word_behind(const std::string &name, const std::string &option) {
        std::string words = "\n" + folder_.read(name + ".words");
        size_t at = words.find("\n" + option + "\n");
        if (at == std::string::npos) {
            return "no " + option;
        }
        at += option.size() + 2;
        return words.substr(at, words.find('\n', at) - at);
    }

    bool has_scratch() {
        using Iterator = std::filesystem::directory_iterator;
        return std::distance(Iterator(folder_.path("tmp")), Iterator()) != 1;
    }

    TemporaryFolder folder_;
    std::map<std::string, std::string> facts_ = {
        {"platform", "qemu64_test"},
        {"xlen", "64"},
        {"machine", "virt"},
        {"cpu", "rv64,h=false"},
        {"harts", "4"},
        {"memory-total", "2G"},
        {"kernel-elf", "/kernel.elf"},
        {"symbols", "/kernel.debug"},
        {"fit", folder_.path("default.fit")},
        {"packer", folder_.path("packer")},
        {"qemu", folder_.path("qemu")},
        {"gdb", "/gdb"},
    };
    ChildProcess::Environment environment_;
    std::string output_, errors_;
};

TEST_F(Runner, DryRunPrintsTheCommandAndDoesNothing) {
    ASSERT_EQ(run({"--dry-run"}), 0) << errors_;
    EXPECT_EQ(output_,
              folder_.path("qemu") +
                  " -M virt -cpu rv64\\,h=false -smp 4 -m 2048M -display none -monitor none "
                  "-chardev stdio\\,id=console\\,signal=off\\,mux=off -serial chardev:console -no-reboot -bios none "
                  "-kernel /kernel.elf -initrd " +
                  folder_.path("default.fit") + "\n");
    EXPECT_FALSE(has_scratch());
    EXPECT_EQ(folder_.read("qemu.words"), "");
}

TEST_F(Runner, BootArgumentsGoToTheKernel) {
    ASSERT_EQ(run({"--boot", "isolation=pmp", "--dry-run"}), 0) << errors_;
    EXPECT_NE(output_.find(" -append isolation=pmp\n"), std::string::npos) << output_;
    ASSERT_EQ(run({"--boot"}), 2);
    EXPECT_EQ(errors_, "error: --boot needs a value (--help lists the options)\n");
}

TEST_F(Runner, DryRunPrintsThePackersCommandToo) {
    ASSERT_EQ(run({"--guest", "web", "--kernel", "my Image", "--keyboard", "--dry-run"}), 0) << errors_;
    EXPECT_EQ(output_.find(folder_.path("packer") +
                           " --output /home/user/guests.fit --hash crc32 --xlen 64 --directory "
                           "/home/user --guest web --kernel my\\ Image --keyboard\n"),
              0u)
        << output_;
    EXPECT_NE(output_.find("-initrd /home/user/guests.fit\n"), std::string::npos);
    EXPECT_EQ(folder_.read("packer.words"), "");
}

TEST_F(Runner, StartsQemuWithThePlatformsGuests) {
    ASSERT_EQ(run({}), 0) << errors_;
    EXPECT_EQ(output_ + errors_, "");
    EXPECT_EQ(word_behind("qemu", "-initrd"), folder_.path("default.fit"));
    EXPECT_EQ(word_behind("qemu", "-append"), "no -append");
    EXPECT_FALSE(has_scratch());
}

TEST_F(Runner, PacksTheUsersGuests) {
    write_program("qemu",
                  "printf '%s\\n' \"$@\" > \"${0}.words\"; while [[ $1 != -initrd ]]; do shift; done; cat \"$2\"");
    ASSERT_EQ(
        run({"--guest",  "web",  "--kernel",          "k", "--initrd", "r", "--bootargs", "--x y", "--memory", "256M",
             "--vcpus",  "2",    "--hide-extensions", "v", "--weight", "3", "--affinity", "0,1",   "--budget", "1000",
             "--period", "2000", "--guest",           "b", "--kernel", "l", "--priority", "4"}),
        0)
        << errors_;
    EXPECT_EQ(output_, "packed");
    EXPECT_NE(folder_.read("packer.words")
                  .find("--directory\n/home/user\n--guest\nweb\n--kernel\nk\n--initrd\nr\n"
                        "--bootargs\n--x y\n--memory\n256M\n--vcpus\n2\n--hide-extensions\nv\n"
                        "--weight\n3\n--affinity\n0,1\n--budget\n1000\n--period\n2000\n"
                        "--guest\nb\n--kernel\nl\n--priority\n4\n"),
              std::string::npos);
    EXPECT_FALSE(has_scratch());
}

TEST_F(Runner, StopsWhereThePackerDoes) {
    write_program("packer", "echo 'error: k: is no kernel' >&2; exit 1");
    EXPECT_EQ(run({"--guest", "web", "--kernel", "k"}), 1);
    EXPECT_EQ(errors_, "error: k: is no kernel\n");
    EXPECT_EQ(folder_.read("qemu.words"), "");
    EXPECT_FALSE(has_scratch());
}

TEST_F(Runner, TheUserOverridesThePlatform) {
    ASSERT_EQ(run({"--harts", "64", "--cpu", "max", "--memory-total", "512M", "--", "--gdb", "-d", "int"}), 0)
        << errors_;
    EXPECT_EQ(word_behind("qemu", "-smp"), "64");
    EXPECT_EQ(word_behind("qemu", "-cpu"), "max");
    EXPECT_EQ(word_behind("qemu", "-m"), "512M");
    EXPECT_EQ(word_behind("qemu", "--gdb"), "-d");
    EXPECT_EQ(word_behind("qemu", "-d"), "int");
}

TEST_F(Runner, FactsPathsCountFromTheCurrentFolder) {
    facts_["kernel-elf"] = "kernel/kernel.elf";
    environment_.erase("BUILD_WORKING_DIRECTORY");
    unsetenv("BUILD_WORKING_DIRECTORY");
    ASSERT_EQ(run({"--guest", "a", "--kernel", "k", "--dry-run"}), 0) << errors_;
    EXPECT_NE(output_.find("/kernel/kernel.elf"), std::string::npos) << output_;
    EXPECT_EQ(output_.find(" kernel/kernel.elf"), std::string::npos);
    EXPECT_NE(output_.find("--directory /"), std::string::npos);
}

TEST_F(Runner, WhereTheUserStandsIsForBazelwToSay) {
    environment_["DIOSIX_USER_DIRECTORY"] = "/home/elsewhere";
    ASSERT_EQ(run({"--guest", "a", "--kernel", "k"}), 0) << errors_;
    EXPECT_EQ(word_behind("packer", "--directory"), "/home/elsewhere");
}

TEST_F(Runner, PassesTheExitStatusOn) {
    write_program("qemu", "exit 3");
    EXPECT_EQ(run({}), 3);
    EXPECT_FALSE(has_scratch());
}

TEST_F(Runner, PassesSignalsOn) {
    write_program("qemu", "trap 'kill $!; exit 7' TERM; sleep infinity & echo ready; wait");
    ChildProcess child(make_words({}), environment_);
    ASSERT_TRUE(child.read_until("ready"));
    EXPECT_TRUE(has_scratch());
    child.send_signal(SIGTERM);
    EXPECT_EQ(child.finish(), 7);
    EXPECT_FALSE(has_scratch());
}

TEST_F(Runner, RefusesBadWords) {
    const std::vector<std::pair<Words, std::string>> cases = {
        {{"--gest", "a"}, "--gest: there is no such option"},
        {{"web"}, "web: there is no such option"},
        {{"--guest"}, "--guest needs a value"},
        {{"--guest", "--kernel"}, "--guest needs a value"},
        {{"--guest", "a", "--kernel"}, "--kernel needs a value"},
        {{"--kernel", "k"}, "--kernel comes before the first --guest"},
        {{"--keyboard"}, "--keyboard comes before the first --guest"},
        {{"--harts", "0"}, "--harts 0: not a number from 1 to 64"},
        {{"--harts", "65"}, "--harts 65: not a number from 1 to 64"},
        {{"--harts", "x"}, "--harts x: not a number from 1 to 64"},
        {{"--memory-total", "2GB"}, "--memory-total 2GB: not a size such as 2G, in whole MiB"},
        {{"--memory-total", "2048"}, "--memory-total 2048: not a size such as 2G, in whole MiB"},
        {{"--memory-total", "a[$(id)]"}, "--memory-total a[$(id)]: not a size such as 2G, in whole MiB"},
    };
    for (const auto &[words, sentence] : cases) {
        EXPECT_EQ(run(words), 2) << sentence;
        EXPECT_EQ(errors_, "error: " + sentence + " (--help lists the options)\n");
    }
    EXPECT_EQ(folder_.read("qemu.words"), "");
}

TEST_F(Runner, RefusesIncompleteFacts) {
    facts_.erase("gdb");
    EXPECT_EQ(run({"--dry-run"}), 2);
    EXPECT_EQ(errors_, "error: the platform's facts are incomplete: without gdb (--help lists the options)\n");
}

TEST_F(Runner, SaysWhatRamTheImagesNeed) {
    std::filesystem::resize_file(folder_.path("default.fit"), 100 << 20);
    EXPECT_EQ(run({"--memory-total", "208M"}), 0) << errors_;
    EXPECT_EQ(run({"--memory-total", "207M"}), 1);
    EXPECT_EQ(errors_, "error: the guests' images take 100 MiB, and QEMU has no room for them in 207 MiB of RAM: "
                       "--memory-total 208M is the least that does\n");
    std::filesystem::resize_file(folder_.path("default.fit"), 600 << 20);
    EXPECT_EQ(run({"--memory-total", "1G"}), 1);
    EXPECT_NE(errors_.find("--memory-total 1116M is"), std::string::npos) << errors_;
    EXPECT_EQ(run({"--memory-total", "1116M"}), 0);
    facts_["xlen"] = "32";
    EXPECT_EQ(run({"--memory-total", "2G"}), 1);
    EXPECT_NE(errors_.find("QEMU has room for 508 on rv32: make them smaller"), std::string::npos) << errors_;
    std::filesystem::resize_file(folder_.path("default.fit"), 508 << 20);
    EXPECT_EQ(run({"--memory-total", "2G"}), 0) << errors_;
}

TEST_F(Runner, GdbStartsHaltedAndSaysHowToAttach) {
    ASSERT_EQ(run({"--gdb"}), 0) << errors_;
    const std::string server = word_behind("qemu", "-gdb");
    ASSERT_EQ(server.find("unix:" + folder_.path("tmp")), 0u) << server;
    const std::string socket = server.substr(5, server.find(',') - 5);
    EXPECT_EQ(word_behind("qemu", "-S"), "-gdb");
    EXPECT_NE(
        errors_.find("/gdb -ex set\\ architecture\\ riscv:rv64 -ex target\\ remote\\ " + socket + " /kernel.debug\n"),
        std::string::npos)
        << errors_;
}

TEST_F(Runner, HelpSaysThePlatformsValues) {
    ASSERT_EQ(run({"--harts", "8", "--help"}), 0);
    EXPECT_EQ(output_.find("Runs Diosix on qemu64_test (QEMU virt, rv64)"), 0u);
    EXPECT_NE(output_.find("rv64,h=false"), std::string::npos);
}

TEST_F(Runner, OnATerminalTellsTheKernelAndRestoresIt) {
    write_program("qemu", "printf '%s\\n' \"$@\" > \"${0}.words\"; stty raw -echo; echo raw; read -rn1; exit 0");
    ChildProcess child(make_words({}), environment_, true);
    const struct termios before = child.terminal_state();
    ASSERT_TRUE(child.read_until("raw"));
    const struct termios during = child.terminal_state();
    EXPECT_NE(during.c_lflag, before.c_lflag);
    child.type("x");
    ASSERT_EQ(child.finish(), 0) << child.output;
    EXPECT_EQ(child.terminal_state().c_lflag, before.c_lflag);
    EXPECT_EQ(word_behind("qemu", "-append"), "console.colour=1 console.columns=93");
}

} // namespace
