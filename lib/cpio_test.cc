#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/cpio.h"
}

namespace {

std::string Header(const std::string &magic, uint32_t mode, uint32_t size, uint32_t name_size) {
    char text[128];
    std::snprintf(text, sizeof text, "%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08X%08x%08x", 7u, mode, 0u, 0u, 1u, 0u,
                  size, 0u, 0u, 0u, 0xABCDu, name_size, 0u);
    // The field order above ends ... rdevmajor, rdevminor, namesize, check.
    return magic + text;
}

void Pad(std::string &archive) {
    archive.resize((archive.size() + 3) / 4 * 4);
}

void Add(std::string &archive, const std::string &name, const std::string &data, uint32_t mode = 0100644,
         const std::string &magic = "070701") {
    archive += Header(magic, mode, static_cast<uint32_t>(data.size()), static_cast<uint32_t>(name.size() + 1));
    archive += name;
    archive += '\0';
    Pad(archive);
    archive += data;
    Pad(archive);
}

std::string Archive() {
    std::string archive;
    Add(archive, ".", "", 040755);
    Add(archive, "bin", "", 040755);
    Add(archive, "./bin/sh", "#!shell", 0100755);
    Add(archive, "/etc/motd", "hello");
    Add(archive, "init", "first", 0100755, "070702");
    Add(archive, "init", "second", 0100755);
    Add(archive, "TRAILER!!!", "");
    return archive;
}

// The archive in a block of its exact size, so that the sanitizer sees a byte too far.
class Copy {
  public:
    explicit Copy(const std::string &text) : size_(text.size()), bytes_(new uint8_t[text.size()]) {
        std::copy(text.begin(), text.end(), bytes_.get());
    }
    const void *data() const {
        return bytes_.get();
    }
    size_t size() const {
        return size_;
    }

  private:
    size_t size_;
    std::unique_ptr<uint8_t[]> bytes_;
};

std::string Data(const struct cpio_entry &entry) {
    return std::string(reinterpret_cast<const char *>(entry.data), entry.size);
}

status_t First(const std::string &archive) {
    Copy copy(archive);
    struct cpio cpio;
    struct cpio_entry entry;
    cpio_init(&cpio, copy.data(), copy.size());
    return cpio_next(&cpio, &entry);
}

TEST(Cpio, VisitsTheEntriesInOrder) {
    Copy copy(Archive());
    struct cpio cpio;
    struct cpio_entry entry;
    cpio_init(&cpio, copy.data(), copy.size());
    std::vector<std::string> names, data;
    std::vector<uint32_t> modes;
    while (cpio_next(&cpio, &entry) == STATUS_OK) {
        EXPECT_EQ(std::strlen(entry.name), entry.name_size);
        names.push_back(entry.name);
        data.push_back(Data(entry));
        modes.push_back(entry.mode);
    }
    EXPECT_EQ(names, (std::vector<std::string>{".", "bin", "./bin/sh", "/etc/motd", "init", "init"}));
    EXPECT_EQ(data, (std::vector<std::string>{"", "", "#!shell", "hello", "first", "second"}));
    EXPECT_EQ(modes, (std::vector<uint32_t>{040755, 040755, 0100755, 0100644, 0100755, 0100755}));
    EXPECT_EQ(cpio_next(&cpio, &entry), STATUS_NOT_FOUND);
    EXPECT_EQ(cpio_next(&cpio, &entry), STATUS_NOT_FOUND);
}

TEST(Cpio, FindsAPathHoweverItIsWritten) {
    Copy copy(Archive());
    struct cpio_entry entry;
    for (const char *path : {"bin/sh", "./bin/sh", "/bin/sh", "//bin/sh", "/./bin/sh"}) {
        ASSERT_EQ(cpio_find(copy.data(), copy.size(), path, &entry), STATUS_OK) << path;
        EXPECT_EQ(Data(entry), "#!shell");
    }
    ASSERT_EQ(cpio_find(copy.data(), copy.size(), "etc/motd", &entry), STATUS_OK);
    EXPECT_EQ(Data(entry), "hello");
    ASSERT_EQ(cpio_find(copy.data(), copy.size(), "init", &entry), STATUS_OK);
    EXPECT_EQ(Data(entry), "first");
    for (const char *path : {"", ".", "/", "./"}) {
        ASSERT_EQ(cpio_find(copy.data(), copy.size(), path, &entry), STATUS_OK) << path;
        EXPECT_STREQ(entry.name, ".");
    }
}

TEST(Cpio, DoesNotFindWhatIsNotThere) {
    Copy copy(Archive());
    struct cpio_entry entry = {};
    for (const char *path : {"sh", "bin/s", "bin/shh", "bin/", "..", ".init", "TRAILER!!!", "Init"}) {
        EXPECT_EQ(cpio_find(copy.data(), copy.size(), path, &entry), STATUS_NOT_FOUND) << path;
    }
    EXPECT_EQ(entry.name, nullptr) << "out parameters are written only on STATUS_OK";
}

TEST(Cpio, LooksAtNothingBehindTheTrailer) {
    std::string archive = Archive();
    Add(archive, "late", "x");
    archive += "not an entry";
    Copy copy(archive);
    struct cpio_entry entry;
    EXPECT_EQ(cpio_find(copy.data(), copy.size(), "late", &entry), STATUS_NOT_FOUND);
}

TEST(Cpio, RefusesAnythingElse) {
    struct cpio cpio;
    struct cpio_entry entry;
    cpio_init(&cpio, nullptr, 0);
    EXPECT_EQ(cpio_next(&cpio, &entry), STATUS_CORRUPT);
    EXPECT_EQ(First(""), STATUS_CORRUPT);
    EXPECT_EQ(First("070701"), STATUS_CORRUPT);
    EXPECT_EQ(First(std::string(512, '\0')), STATUS_CORRUPT);
    for (const char *magic : {"070707", "070700", "170701", "\x1f\x8b"}) {
        std::string archive;
        Add(archive, "a", "b", 0, magic);
        archive.resize(200);
        EXPECT_EQ(First(archive), STATUS_CORRUPT) << magic;
    }
}

TEST(Cpio, RefusesOddDigitsInEveryField) {
    std::string good;
    Add(good, "a", "b");
    ASSERT_EQ(First(good), STATUS_OK);
    for (size_t at = 6; at < 110; at++) {
        for (char odd : {' ', 'g', 'G', '/', ':', '@', '`', '-', '\0', '\x10'}) {
            std::string archive = good;
            archive[at] = odd;
            EXPECT_EQ(First(archive), STATUS_CORRUPT) << at;
        }
    }
}

TEST(Cpio, ReadsDigitsOfEitherCase) {
    std::string archive;
    Add(archive, "a", std::string(0xaf, 'x'), 0x98abcdef);
    std::string upper = archive;
    upper.replace(14, 8, "98ABCDEF");
    for (const std::string &text : {archive, upper}) {
        Copy copy(text);
        struct cpio_entry entry;
        ASSERT_EQ(cpio_find(copy.data(), copy.size(), "a", &entry), STATUS_OK);
        EXPECT_EQ(entry.mode, 0x98abcdefu);
        EXPECT_EQ(entry.size, 0xafu);
    }
}

TEST(Cpio, RefusesNamesThatAreNotTerminated) {
    std::string tail = "name";
    tail += '\0';
    tail.resize(64, 'x');
    EXPECT_EQ(First(Header("070701", 0, 0, 0) + tail), STATUS_CORRUPT) << "no name at all";
    EXPECT_EQ(First(Header("070701", 0, 0, 4) + tail), STATUS_CORRUPT) << "no NUL";
    EXPECT_EQ(First(Header("070701", 0, 0, 5) + tail), STATUS_OK);
    std::string two_nuls = tail;
    two_nuls[7] = '\0';
    EXPECT_EQ(First(Header("070701", 0, 0, 8) + two_nuls), STATUS_CORRUPT) << "a NUL inside";
    EXPECT_EQ(First(Header("070701", 0, 0, 65) + tail), STATUS_CORRUPT) << "one byte too far";
    EXPECT_EQ(First(Header("070701", 0, 0, UINT32_MAX) + tail), STATUS_CORRUPT);
}

TEST(Cpio, RefusesDataOutsideTheArchive) {
    std::string name("name\0x", 6); // the data starts on the next multiple of four
    EXPECT_EQ(First(Header("070701", 0, 4, 5) + name + "data!"), STATUS_OK);
    EXPECT_EQ(First(Header("070701", 0, 5, 5) + name + "dat"), STATUS_CORRUPT);
    EXPECT_EQ(First(Header("070701", 0, UINT32_MAX, 5) + name + "data"), STATUS_CORRUPT);
    EXPECT_EQ(First(Header("070701", 0, 0, 6) + std::string("names\0", 6)), STATUS_OK);
    EXPECT_EQ(First(Header("070701", 0, 0, 3) + std::string("na\0", 3)), STATUS_CORRUPT) << "cut in the padding";
}

TEST(Cpio, ASizeFieldCannotSkipTheTrailer) {
    std::string archive = Archive();
    for (size_t size = 0; size < archive.size(); size++) {
        Copy copy(archive.substr(0, size));
        struct cpio_entry entry;
        status_t status = cpio_find(copy.data(), copy.size(), "missing", &entry);
        bool has_trailer = size > archive.rfind("TRAILER!!!") + 10;
        EXPECT_EQ(status, has_trailer ? STATUS_NOT_FOUND : STATUS_CORRUPT) << size;
    }
}

TEST(Cpio, SurvivesDamage) {
    std::mt19937 random(5);
    const std::string good = Archive();
    for (int step = 0; step < 20000; step++) {
        std::string archive = good;
        for (unsigned flips = 1 + random() % 4; flips > 0; flips--) {
            archive[random() % archive.size()] = "0fF\0 8x1"[random() % 8];
        }
        Copy copy(archive);
        struct cpio cpio;
        struct cpio_entry entry;
        cpio_init(&cpio, copy.data(), copy.size());
        size_t entries = 0;
        while (cpio_next(&cpio, &entry) == STATUS_OK) {
            ASSERT_EQ(std::strlen(entry.name), entry.name_size);
            volatile size_t sum = 0;
            for (size_t index = 0; index < entry.size; index++) {
                sum = sum + entry.data[index];
            }
            ASSERT_LT(entries++, good.size() / 110) << "each entry takes at least a header";
        }
    }
}

} // namespace
