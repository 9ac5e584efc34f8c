extern "C" {
#include "tools/packer/options.h"
}

#include "tools/packer/temporary_folder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using Words = std::vector<std::string>;

class OptionsParse : public testing::Test {
  protected:
    ~OptionsParse() override {
        options_free(&options_);
    }

    status_t parse(Words words, const char *source_date_epoch = nullptr) {
        words.insert(words.begin(), "packer");
        std::vector<char *> argv;
        for (std::string &word : words) {
            argv.push_back(word.data());
        }
        options_free(&options_);
        return options_parse(static_cast<int>(argv.size()), argv.data(), source_date_epoch, &options_, &refusal_);
    }

    /* Parses `words` behind an output and a guest that are right. */
    status_t parse_for_guest(const Words &words) {
        Words all = {"--output", "o", "--guest", "linux", "--kernel", "Image"};
        all.insert(all.end(), words.begin(), words.end());
        return parse(all);
    }

    TemporaryFolder folder_;
    struct options options_ = {};
    struct refusal refusal_ = {};
};

TEST_F(OptionsParse, HasDefaults) {
    ASSERT_EQ(parse_for_guest({}), STATUS_OK) << refusal_.text;
    EXPECT_FALSE(options_.wants_help);
    EXPECT_STREQ(options_.output, "o");
    EXPECT_EQ(options_.list, nullptr);
    EXPECT_EQ(options_.hash, FIT_HASH_SHA256);
    EXPECT_EQ(options_.timestamp, 0u);
    EXPECT_EQ(options_.xlen, 64u);
    ASSERT_EQ(options_.guest_count, 1u);
    const struct guest_options &guest = options_.guests[0];
    EXPECT_STREQ(guest.name, "linux");
    EXPECT_STREQ(guest.kernel, "Image");
    EXPECT_EQ(guest.ramdisk, nullptr);
    EXPECT_EQ(guest.bootargs, nullptr);
    EXPECT_EQ(guest.hidden, nullptr);
    EXPECT_EQ(guest.memory, OPTIONS_MEMORY_DEFAULT);
    EXPECT_EQ(guest.vcpus, 1u);
    EXPECT_FALSE(guest.has_keyboard);
    EXPECT_EQ(guest.restart, nullptr);
    EXPECT_EQ(guest.watchdog_ms, 0u);
}

TEST_F(OptionsParse, TakesRestarts) {
    ASSERT_EQ(parse_for_guest(
                  {"--restart", "always", "--restart-backoff", "50", "--restart-limit", "3", "--watchdog", "1000"}),
              STATUS_OK)
        << refusal_.text;
    const struct guest_options &guest = options_.guests[0];
    EXPECT_STREQ(guest.restart, "always");
    EXPECT_EQ(guest.backoff_ms, 50u);
    EXPECT_EQ(guest.restart_limit, 3u);
    EXPECT_EQ(guest.watchdog_ms, 1000u);
    EXPECT_EQ(parse_for_guest({"--watchdog", "0"}), STATUS_INVALID);
    EXPECT_EQ(parse_for_guest({"--restart-limit", "4294967296"}), STATUS_INVALID);
    EXPECT_EQ(parse_for_guest({"--restart-backoff", "5", "--restart-backoff", "6"}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "--restart-backoff is given twice");
}

TEST_F(OptionsParse, TakesScheduling) {
    ASSERT_EQ(parse_for_guest({"--priority", "3", "--weight", "200", "--budget", "2000", "--period", "10000",
                               "--affinity", "0,2,4294967295"}),
              STATUS_OK)
        << refusal_.text;
    const struct guest_options &guest = options_.guests[0];
    EXPECT_EQ(guest.priority, 3u);
    EXPECT_EQ(guest.weight, 200u);
    EXPECT_EQ(guest.budget, 2000u);
    EXPECT_EQ(guest.period, 10000u);
    ASSERT_EQ(guest.affinity_count, 3u);
    EXPECT_EQ(guest.affinity[1], 2u);
    EXPECT_EQ(guest.affinity[2], UINT32_MAX);
}

TEST_F(OptionsParse, TakesEverything) {
    ASSERT_EQ(parse({"--output",    "o",
                     "--hash",      "crc32",
                     "--timestamp", "7",
                     "--xlen",      "32",
                     "--guest",     "a",
                     "--kernel",    "k",
                     "--guest",     "b",
                     "--kernel",    "l",
                     "--initrd",    "r",
                     "--bootargs",  "--x y",
                     "--memory",    "256M",
                     "--vcpus",     "2",
                     "--keyboard",  "--hide-extensions",
                     "sstc,v"}),
              STATUS_OK)
        << refusal_.text;
    EXPECT_EQ(options_.hash, FIT_HASH_CRC32);
    EXPECT_EQ(options_.timestamp, 7u);
    EXPECT_EQ(options_.xlen, 32u);
    ASSERT_EQ(options_.guest_count, 2u);
    const struct guest_options &guest = options_.guests[1];
    EXPECT_STREQ(guest.name, "b");
    EXPECT_STREQ(guest.kernel, "l");
    EXPECT_STREQ(guest.ramdisk, "r");
    EXPECT_STREQ(guest.bootargs, "--x y");
    EXPECT_EQ(guest.memory, 256u << 20);
    EXPECT_EQ(guest.vcpus, 2u);
    EXPECT_TRUE(guest.has_keyboard);
    EXPECT_EQ(std::string(guest.hidden, guest.hidden_size), std::string("sstc\0v\0", 7));
}

TEST_F(OptionsParse, ResolvesPaths) {
    ASSERT_EQ(parse({"--output", "o", "--directory", "/d", "--guest", "a", "--kernel", "k", "--initrd", "/r"}),
              STATUS_OK);
    EXPECT_STREQ(options_.output, "o");
    EXPECT_STREQ(options_.guests[0].kernel, "/d/k");
    EXPECT_STREQ(options_.guests[0].ramdisk, "/r");
}

TEST_F(OptionsParse, ReadsDescriptionFiles) {
    std::string path = folder_.write("sub/guests.txt", "# demo\n--guest a --kernel k\n--bootargs 'x y'\n");
    ASSERT_EQ(parse({"--output", "o", "@" + path, "--guest", "b", "--kernel", "l"}), STATUS_OK) << refusal_.text;
    ASSERT_EQ(options_.guest_count, 2u);
    EXPECT_EQ(options_.guests[0].kernel, folder_.path("sub/k"));
    EXPECT_STREQ(options_.guests[0].bootargs, "x y");
    EXPECT_STREQ(options_.guests[1].kernel, "l");
    ASSERT_EQ(parse({"--output", "o", "--directory", folder_.path(), "--description", "sub/guests.txt"}), STATUS_OK);
    EXPECT_EQ(options_.guests[0].kernel, folder_.path("sub/k"));
}

TEST_F(OptionsParse, SaysWhereAFileIsWrong) {
    std::string path = folder_.write("guests.txt", "--guest a\n--kernel k\n--memory much\n");
    EXPECT_EQ(parse({"--output", "o", "@" + path}), STATUS_INVALID);
    EXPECT_EQ(refusal_.text, path + ":3: --memory much: not a size such as 256M (bytes, or with K, M or G)");
    for (const char *word : {"--output x", "--list x", "--help", "--directory x", "--description x"}) {
        path = folder_.write("guests.txt", word);
        EXPECT_EQ(parse({"--output", "o", "@" + path}), STATUS_INVALID);
        EXPECT_NE(std::string(refusal_.text).find("belongs on the command line"), std::string::npos) << word;
    }
    folder_.write("guests.txt", "@guests.txt");
    EXPECT_EQ(parse({"--output", "o", "@" + path}), STATUS_INVALID);
    EXPECT_EQ(refusal_.text, path + ":1: @guests.txt: there is no such option");
    EXPECT_EQ(parse({"@" + folder_.path("none")}), STATUS_NOT_FOUND);
    EXPECT_EQ(parse({"@"}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "@ needs a file");
}

TEST_F(OptionsParse, TakesTheEpochFromTheEnvironment) {
    Words words = {"--output", "o", "--guest", "a", "--kernel", "k"};
    ASSERT_EQ(parse(words, "123"), STATUS_OK);
    EXPECT_EQ(options_.timestamp, 123u);
    ASSERT_EQ(parse(words, ""), STATUS_OK);
    EXPECT_EQ(options_.timestamp, 0u);
    EXPECT_EQ(parse(words, "today"), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "SOURCE_DATE_EPOCH today: not a number of seconds since 1970 in 32 bits");
    words.insert(words.end(), {"--timestamp", "7"});
    ASSERT_EQ(parse(words, "123"), STATUS_OK);
    EXPECT_EQ(options_.timestamp, 7u);
}

TEST_F(OptionsParse, RefusesBadValues) {
    const std::vector<std::pair<Words, std::string>> cases = {
        {{"--hash", "md5"}, "--hash md5: choose sha256 or crc32"},
        {{"--xlen", "16"}, "--xlen 16: choose 32 or 64"},
        {{"--xlen", "128"}, "--xlen 128: choose 32 or 64"},
        {{"--timestamp", "4294967296"}, "--timestamp 4294967296: not a number of seconds since 1970 in 32 bits"},
        {{"--memory", "0"}, "--memory 0: not a size such as 256M (bytes, or with K, M or G)"},
        {{"--memory", "-1"}, "--memory -1: not a size such as 256M (bytes, or with K, M or G)"},
        {{"--vcpus", "0"}, "--vcpus 0: not a number from 1 to 64"},
        {{"--vcpus", "65"}, "--vcpus 65: not a number from 1 to 64"},
        {{"--kernel", "again"}, "--kernel is given twice"},
        {{"--memory", "1M", "--memory", "1M"}, "--memory is given twice"},
        {{"--vcpus", "1", "--vcpus", "1"}, "--vcpus is given twice"},
        {{"--hide-extensions", "a", "--hide-extensions", "a"}, "--hide-extensions is given twice"},
        {{"--weight", "0"}, "--weight 0: not a number above 0 in 32 bits"},
        {{"--period", "4294967296"}, "--period 4294967296: not a number above 0 in 32 bits"},
        {{"--budget", "1", "--budget", "2"}, "--budget is given twice"},
        {{"--affinity", "1,"}, "--affinity 1,: not a list such as 0,2,3 of at most 64 hart ids"},
        {{"--affinity", "0-3"}, "--affinity 0-3: not a list such as 0,2,3 of at most 64 hart ids"},
        {{"--affinity", "1", "--affinity", "2"}, "--affinity is given twice"},
        {{"--initrd", ""}, "--initrd needs a file"},
        {{"--initrd", "--keyboard"}, "--initrd needs a value"},
        {{"--initrd"}, "--initrd needs a value"},
        {{"--color"}, "--color: there is no such option"},
        {{"file"}, "file: there is no such option"},
        {{"--output", "p"}, "--output is given twice"},
        {{"--list", "p"}, "--list stands alone"},
    };
    for (const auto &[words, sentence] : cases) {
        EXPECT_EQ(parse_for_guest(words), STATUS_INVALID) << sentence;
        EXPECT_EQ(refusal_.text, sentence);
    }
}

TEST_F(OptionsParse, RefusesWhatIsIncomplete) {
    EXPECT_EQ(parse({}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "--output is missing");
    EXPECT_EQ(parse({"--output", "o"}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "no --guest is given");
    EXPECT_EQ(parse({"--kernel", "k"}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "--kernel comes before the first --guest");
    EXPECT_EQ(parse({"--output", "o", "--guest", "a", "--guest", "b", "--kernel", "k"}), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "guest a has no --kernel");
}

TEST_F(OptionsParse, RefusesTooManyGuests) {
    Words words = {"--output", "o"};
    for (unsigned index = 0; index < MANIFEST_GUESTS_MAX; index++) {
        words.insert(words.end(), {"--guest", "g" + std::to_string(index), "--kernel", "k"});
    }
    EXPECT_EQ(parse(words), STATUS_OK);
    words.insert(words.end(), {"--guest", "last"});
    EXPECT_EQ(parse(words), STATUS_INVALID);
    EXPECT_STREQ(refusal_.text, "--guest last: there are already 16 guests, the most there can be");
}

TEST_F(OptionsParse, HelpAndListNeedNothingElse) {
    ASSERT_EQ(parse({"--help"}), STATUS_OK);
    EXPECT_TRUE(options_.wants_help);
    ASSERT_EQ(parse({"--list", "x.fit"}), STATUS_OK);
    EXPECT_STREQ(options_.list, "x.fit");
}

} // namespace
