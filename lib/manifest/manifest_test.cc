extern "C" {
#include "lib/manifest/manifest.h"
}

#include "lib/fit/fit_sample.h"

#include <gtest/gtest.h>
#include <libfdt.h>

#include <functional>
#include <string>
#include <vector>

namespace {

using Put = std::function<void(void *tree)>;

Put put_string(const char *name, std::string value) {
    return [=](void *tree) { fdt_property_string(tree, name, value.c_str()); };
}

Put put_bytes(const char *name, std::string value) {
    return [=](void *tree) { fdt_property(tree, name, value.data(), static_cast<int>(value.size())); };
}

Put put_u32(const char *name, uint32_t value) {
    return [=](void *tree) { fdt_property_u32(tree, name, value); };
}

Put put_u64(const char *name, uint64_t value) {
    return [=](void *tree) { fdt_property_u64(tree, name, value); };
}

Put put_node(const char *name) {
    return [=](void *tree) {
        fdt_begin_node(tree, name);
        fdt_end_node(tree);
    };
}

struct Guest {
    std::string name;
    std::vector<Put> properties;
};

const std::vector<Put> root_properties = {put_string("compatible", "diosix,guests"), put_u32("version", 1)};
const std::vector<Put> least = {put_string("kernel", "kernel-1"), put_u64("memory", 64 << 20)};

/* The least that a guest needs and then `more`. */
Guest make_guest(std::string name, std::vector<Put> more = {}) {
    std::vector<Put> properties = least;
    properties.insert(properties.end(), more.begin(), more.end());
    return {std::move(name), std::move(properties)};
}

std::vector<uint8_t> write(const std::vector<Put> &root, const std::vector<Guest> &guests) {
    std::vector<uint8_t> tree(256 * 1024);
    fdt_create(tree.data(), static_cast<int>(tree.size()));
    fdt_finish_reservemap(tree.data());
    fdt_begin_node(tree.data(), "");
    for (const Put &put : root) {
        put(tree.data());
    }
    for (const Guest &guest : guests) {
        fdt_begin_node(tree.data(), guest.name.c_str());
        for (const Put &put : guest.properties) {
            put(tree.data());
        }
        fdt_end_node(tree.data());
    }
    fdt_end_node(tree.data());
    fdt_finish(tree.data());
    return {tree.begin(), tree.begin() + fdt_totalsize(tree.data())};
}

class ManifestRead : public testing::Test {
  protected:
    status_t read(const std::vector<Guest> &guests, const std::vector<Put> &root = root_properties) {
        bytes_ = write(root, guests);
        return manifest_read(bytes_.data(), bytes_.size(), &manifest_, &reason_);
    }

    /* Reads one guest "linux" that has `property` beside the least. */
    status_t read_with(const Put &property) {
        return read({make_guest("linux", {property})});
    }

    std::string reason() const {
        return reason_.text;
    }

    std::vector<uint8_t> bytes_;
    struct manifest manifest_;
    struct fit_reason reason_ = {};
};

TEST_F(ManifestRead, TakesTheLeast) {
    ASSERT_EQ(read({make_guest("linux")}), STATUS_OK) << reason();
    ASSERT_EQ(manifest_.guest_count, 1u);
    const struct manifest_guest &guest = manifest_.guests[0];
    EXPECT_STREQ(guest.name, "linux");
    EXPECT_STREQ(guest.kernel, "kernel-1");
    EXPECT_EQ(guest.ramdisk, nullptr);
    EXPECT_STREQ(guest.bootargs, "");
    EXPECT_EQ(guest.memory, 64u << 20);
    EXPECT_EQ(guest.vcpus, 1u);
    EXPECT_FALSE(guest.has_keyboard);
    EXPECT_FALSE(manifest_guest_hides(&guest, "sstc"));
    EXPECT_EQ(guest.restart, MANIFEST_RESTARTS_NEVER);
    EXPECT_EQ(guest.backoff_ms, 100u);
    EXPECT_EQ(guest.restart_limit, 0u);
    EXPECT_EQ(guest.watchdog_ms, 0u);
}

TEST_F(ManifestRead, TakesEverything) {
    ASSERT_EQ(read({make_guest("a"),
                    make_guest("linux-2", {put_string("ramdisk", "ramdisk-1"), put_string("bootargs", "quiet ~"),
                                           put_u32("vcpus", 4), put_bytes("keyboard", ""),
                                           put_bytes("hide-extensions", std::string("sstc\0zba\0", 9)),
                                           put_string("x-owner", "\x1b")})}),
              STATUS_OK)
        << reason();
    ASSERT_EQ(manifest_.guest_count, 2u);
    EXPECT_EQ(manifest_.vcpu_count, 5u);
    const struct manifest_guest &guest = manifest_.guests[1];
    EXPECT_STREQ(guest.ramdisk, "ramdisk-1");
    EXPECT_STREQ(guest.bootargs, "quiet ~");
    EXPECT_EQ(guest.vcpus, 4u);
    EXPECT_TRUE(guest.has_keyboard);
    EXPECT_TRUE(manifest_guest_hides(&guest, "sstc"));
    EXPECT_TRUE(manifest_guest_hides(&guest, "zba"));
    EXPECT_FALSE(manifest_guest_hides(&guest, "zb"));
}

TEST_F(ManifestRead, RefusesOtherTrees) {
    EXPECT_EQ(read({make_guest("linux")}, {}), STATUS_INVALID);
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[0]}), STATUS_INVALID);
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[1]}), STATUS_INVALID);
    EXPECT_EQ(read({make_guest("linux")}, {put_string("compatible", "diosix,guest"), root_properties[1]}),
              STATUS_INVALID);
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[0], put_u64("version", 1)}), STATUS_INVALID);
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[0], put_u32("version", 2)}), STATUS_UNSUPPORTED);
    EXPECT_EQ(reason(), "the guest description is of version 2; this kernel reads 1");
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[0], root_properties[1], put_u32("model", 1)}),
              STATUS_UNSUPPORTED);
    EXPECT_EQ(read({make_guest("linux")}, {root_properties[0], root_properties[1], put_u32("x-model", 1)}), STATUS_OK);
}

TEST_F(ManifestRead, RefusesDamage) {
    std::vector<uint8_t> zeros(256);
    EXPECT_EQ(manifest_read(zeros.data(), zeros.size(), &manifest_, &reason_), STATUS_CORRUPT);
    EXPECT_EQ(manifest_read(zeros.data(), 0, &manifest_, &reason_), STATUS_CORRUPT);
    ASSERT_EQ(read({make_guest("linux")}), STATUS_OK);
    EXPECT_EQ(manifest_read(bytes_.data(), bytes_.size() - 1, &manifest_, &reason_), STATUS_CORRUPT);
    std::vector<uint8_t> moved(bytes_.size() + 4);
    std::copy(bytes_.begin(), bytes_.end(), moved.begin() + 4);
    EXPECT_EQ(manifest_read(moved.data() + 4, bytes_.size(), &manifest_, &reason_), STATUS_INVALID);
    moved.resize(MANIFEST_DESCRIPTION_SIZE_MAX + 1);
    EXPECT_EQ(manifest_read(moved.data(), moved.size(), &manifest_, &reason_), STATUS_TOO_BIG);
}

TEST_F(ManifestRead, RefusesBadNames) {
    for (const char *name : {"Linux", "1st", "-a", "a_b", "a@1", "abcdefghijklmnop", "a\nb"}) {
        EXPECT_EQ(read({make_guest(name)}), STATUS_INVALID) << name;
        EXPECT_EQ(reason(), "guest 1 has a name that is not 1 to 15 of a-z, 0-9 and -, a letter first");
    }
    EXPECT_EQ(read({make_guest("abcdefghijklmno")}), STATUS_OK);
    EXPECT_EQ(read({make_guest("a"), make_guest("b"), make_guest("a")}), STATUS_INVALID);
    EXPECT_EQ(reason(), "two guests are called a");
}

TEST_F(ManifestRead, RefusesNoGuestAndTooMany) {
    EXPECT_EQ(read({}), STATUS_INVALID);
    std::vector<Guest> guests;
    for (size_t index = 0; index < MANIFEST_GUESTS_MAX; index++) {
        guests.push_back(make_guest("g" + std::to_string(index)));
    }
    EXPECT_EQ(read(guests), STATUS_OK);
    guests.push_back(make_guest("last"));
    EXPECT_EQ(read(guests), STATUS_TOO_BIG);
    EXPECT_EQ(reason(), "there are more than 16 guests");
}

TEST_F(ManifestRead, RefusesWhatIsMissing) {
    EXPECT_EQ(read({{"linux", {least[1]}}}), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: kernel is missing");
    EXPECT_EQ(read({{"linux", {least[0]}}}), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: memory is missing");
}

TEST_F(ManifestRead, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(read_with(put_u32("rights", 1)), STATUS_UNSUPPORTED);
    EXPECT_EQ(reason(), "guest linux: property rights is not known in version 1");
    EXPECT_EQ(read_with(put_u32("\x1b[2J", 1)), STATUS_UNSUPPORTED);
    EXPECT_EQ(reason(), "guest linux: property ? is not known in version 1");
    EXPECT_EQ(read_with(put_node("devices")), STATUS_UNSUPPORTED);
    EXPECT_EQ(reason(), "guest linux: nodes below it are not known in version 1");
    EXPECT_EQ(read_with(put_string("kernel", "kernel-2")), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: kernel stands there twice");
}

TEST_F(ManifestRead, RefusesBadImageNames) {
    for (const std::string &value : {std::string(""), std::string("a"), std::string("\0", 1), std::string("a\0b\0", 4),
                                     std::string("a@1\0", 4), std::string(32, 'a') + '\0'}) {
        EXPECT_EQ(read_with(put_bytes("ramdisk", value)), STATUS_INVALID) << value;
        EXPECT_EQ(reason(), "guest linux: ramdisk is not the name of an image");
    }
}

TEST_F(ManifestRead, RefusesBadBootargs) {
    for (const std::string &value : {std::string(""), std::string("a"), std::string("a\0b\0", 4),
                                     std::string("a\n\0", 3), std::string("\xe4\0", 2), std::string("\x7f\0", 2)}) {
        EXPECT_EQ(read_with(put_bytes("bootargs", value)), STATUS_INVALID) << value;
        EXPECT_EQ(reason(), "guest linux: bootargs is not one string of printable ASCII");
    }
    EXPECT_EQ(read_with(put_string("bootargs", std::string(1023, 'a'))), STATUS_OK);
    EXPECT_EQ(read_with(put_string("bootargs", std::string(1024, 'a'))), STATUS_TOO_BIG);
}

TEST_F(ManifestRead, RefusesBadMemory) {
    auto read_memory = [&](const Put &memory) { return read({{"linux", {least[0], memory}}}); };
    EXPECT_EQ(read_memory(put_u32("memory", 64 << 20)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: memory is not one number of 64 bits");
    EXPECT_EQ(read_memory(put_u64("memory", 0)), STATUS_INVALID);
    EXPECT_EQ(read_memory(put_u64("memory", 4097)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: memory is not a multiple of 4 KiB above 0");
    EXPECT_EQ(read_memory(put_u64("memory", MANIFEST_MEMORY_MAX)), STATUS_OK);
    EXPECT_EQ(read_memory(put_u64("memory", MANIFEST_MEMORY_MAX + 4096)), STATUS_TOO_BIG);
    EXPECT_EQ(read_memory(put_u64("memory", UINT64_MAX - 4095)), STATUS_TOO_BIG);
}

TEST_F(ManifestRead, RefusesBadVcpus) {
    EXPECT_EQ(read_with(put_u32("vcpus", 0)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("vcpus", 65)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: vcpus is 65, not 1 to 64");
    EXPECT_EQ(read_with(put_u64("vcpus", 1)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("vcpus", 64)), STATUS_OK);
}

TEST_F(ManifestRead, TakesScheduling) {
    ASSERT_EQ(
        read({make_guest("a"), make_guest("b", {put_u32("weight", 1000)}), make_guest("c", {put_u32("priority", 31)}),
              make_guest("d", {put_u32("budget", 100), put_u32("period", 1000)}),
              make_guest("e", {put_u32("budget", 1000000), put_u32("period", 1000000), put_u32("weight", 1),
                               put_bytes("affinity", std::string("\0\0\0\1\xff\xff\xff\xff", 8))})}),
        STATUS_OK)
        << reason();
    EXPECT_EQ(manifest_.guests[0].weight, MANIFEST_WEIGHT_DEFAULT);
    EXPECT_EQ(manifest_.guests[0].affinity_count, 0u);
    EXPECT_EQ(manifest_.guests[1].weight, 1000u);
    EXPECT_EQ(manifest_.guests[2].priority, 31u);
    EXPECT_EQ(manifest_.guests[2].weight, 0u);
    EXPECT_EQ(manifest_.guests[3].budget, 100u);
    EXPECT_EQ(manifest_.guests[3].period, 1000u);
    EXPECT_EQ(manifest_.guests[3].weight, 0u) << "it waits for its budget";
    EXPECT_EQ(manifest_.guests[4].weight, 1u);
    ASSERT_EQ(manifest_.guests[4].affinity_count, 2u);
    EXPECT_EQ(manifest_guest_affinity(&manifest_.guests[4], 0), 1u);
    EXPECT_EQ(manifest_guest_affinity(&manifest_.guests[4], 1), UINT32_MAX);
}

TEST_F(ManifestRead, RefusesBadScheduling) {
    const std::vector<std::pair<std::vector<Put>, std::string>> cases = {
        {{put_u32("priority", 0)}, "priority is 0, not 1 to 31"},
        {{put_u32("priority", 32)}, "priority is 32, not 1 to 31"},
        {{put_u64("priority", 1)}, "priority is not one number of 32 bits"},
        {{put_u32("weight", 0)}, "weight is 0, not 1 to 1000"},
        {{put_u32("weight", 1001)}, "weight is 1001, not 1 to 1000"},
        {{put_u32("weight", 1), put_u32("priority", 1)}, "weight has no meaning beside a priority"},
        {{put_u32("budget", 99), put_u32("period", 1000)}, "budget is 99, not 100 to 1000000"},
        {{put_u32("budget", 100), put_u32("period", 999)}, "period is 999, not 1000 to 1000000"},
        {{put_u32("budget", 100), put_u32("period", 1000001)}, "period is 1000001, not 1000 to 1000000"},
        {{put_u32("budget", 1001), put_u32("period", 1000)}, "budget is more than its period"},
        {{put_u32("budget", 1000)}, "period is missing"},
        {{put_u32("period", 1000)}, "budget is missing"},
        {{put_bytes("affinity", "")}, "affinity is not a list of numbers of 32 bits"},
        {{put_bytes("affinity", "abcde")}, "affinity is not a list of numbers of 32 bits"},
    };
    for (const auto &[properties, sentence] : cases) {
        EXPECT_EQ(read({make_guest("linux", properties)}), STATUS_INVALID) << sentence;
        EXPECT_EQ(reason(), "guest linux: " + sentence);
    }
    EXPECT_EQ(read_with(put_bytes("affinity", std::string(260, 'a'))), STATUS_TOO_BIG);
    EXPECT_EQ(reason(), "guest linux: affinity has more than 64 entries");
}

TEST_F(ManifestRead, TakesRestartsAndTheWatchdog) {
    ASSERT_EQ(read({make_guest("a", {put_string("restart", "never")}),
                    make_guest("b", {put_string("restart", "on-crash"), put_u32("restart-limit", 1)}),
                    make_guest("c", {put_string("restart", "always"), put_u32("restart-backoff", 60000),
                                     put_u32("restart-limit", UINT32_MAX), put_u32("watchdog", 86400000)}),
                    make_guest("d", {put_u32("restart-backoff", 10), put_u32("watchdog", 200)})}),
              STATUS_OK)
        << reason();
    EXPECT_EQ(manifest_.guests[0].restart, MANIFEST_RESTARTS_NEVER);
    EXPECT_EQ(manifest_.guests[1].restart, MANIFEST_RESTARTS_ON_CRASH);
    EXPECT_EQ(manifest_.guests[1].restart_limit, 1u);
    EXPECT_EQ(manifest_.guests[2].restart, MANIFEST_RESTARTS_ALWAYS);
    EXPECT_EQ(manifest_.guests[2].backoff_ms, 60000u);
    EXPECT_EQ(manifest_.guests[2].restart_limit, UINT32_MAX);
    EXPECT_EQ(manifest_.guests[2].watchdog_ms, 86400000u);
    EXPECT_EQ(manifest_.guests[3].backoff_ms, 10u);
    EXPECT_EQ(manifest_.guests[3].watchdog_ms, 200u);
}

TEST_F(ManifestRead, RefusesBadRestarts) {
    for (const std::string &value :
         {std::string(""), std::string("never"), std::string("sometimes\0", 10), std::string("never\0always\0", 13)}) {
        EXPECT_EQ(read_with(put_bytes("restart", value)), STATUS_INVALID) << value;
        EXPECT_EQ(reason(), "guest linux: restart is not never, on-crash or always");
    }
    EXPECT_EQ(read_with(put_u32("restart-backoff", 9)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("restart-backoff", 60001)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: restart-backoff is 60001, not 10 to 60000");
    EXPECT_EQ(read_with(put_u64("restart-backoff", 100)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("restart-limit", 0)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("watchdog", 0)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("watchdog", 199)), STATUS_INVALID);
    EXPECT_EQ(read_with(put_u32("watchdog", 86400001)), STATUS_INVALID);
}

TEST_F(ManifestRead, RefusesTooManyVcpusTogether) {
    std::vector<Guest> guests;
    for (const char *name : {"a", "b", "c", "d"}) {
        guests.push_back(make_guest(name, {put_u32("vcpus", 64)}));
    }
    EXPECT_EQ(read(guests), STATUS_OK);
    EXPECT_EQ(manifest_.vcpu_count, 256u);
    guests.push_back(make_guest("e"));
    EXPECT_EQ(read(guests), STATUS_TOO_BIG);
    EXPECT_EQ(reason(), "guest e: with it all guests have more than 256 vcpus");
}

TEST_F(ManifestRead, RefusesTwoKeyboards) {
    EXPECT_EQ(read_with(put_u32("keyboard", 1)), STATUS_INVALID);
    EXPECT_EQ(read({make_guest("a", {put_bytes("keyboard", "")}), make_guest("b", {put_bytes("keyboard", "")})}),
              STATUS_INVALID);
    EXPECT_EQ(reason(), "guests a and b: both have keyboard");
}

TEST_F(ManifestRead, RefusesBadExtensionLists) {
    EXPECT_EQ(read_with(put_bytes("hide-extensions", "")), STATUS_INVALID);
    EXPECT_EQ(read_with(put_bytes("hide-extensions", "sstc")), STATUS_INVALID);
    for (const std::string &value : {std::string("\0", 1), std::string("a\0\0", 3), std::string("Sstc\0", 5),
                                     std::string("a,b\0", 4), std::string(32, 'a') + '\0'}) {
        EXPECT_EQ(read_with(put_bytes("hide-extensions", value)), STATUS_INVALID) << value;
    }
    std::string list;
    for (unsigned count = 0; count < MANIFEST_HIDDEN_EXTENSIONS_MAX; count++) {
        list += std::string("v\0", 2);
    }
    EXPECT_EQ(read_with(put_bytes("hide-extensions", list)), STATUS_OK);
    EXPECT_EQ(read_with(put_bytes("hide-extensions", list + std::string("v\0", 2))), STATUS_TOO_BIG);
}

TEST_F(ManifestRead, Isolation) {
    EXPECT_EQ(read({make_guest("linux")}), STATUS_OK);
    EXPECT_EQ(manifest_.guests[0].isolation, MANIFEST_ISOLATION_AUTO);
    EXPECT_EQ(read_with(put_string("isolation", "auto")), STATUS_OK);
    EXPECT_EQ(manifest_.guests[0].isolation, MANIFEST_ISOLATION_AUTO);
    EXPECT_EQ(read_with(put_string("isolation", "pmp")), STATUS_OK);
    EXPECT_EQ(manifest_.guests[0].isolation, MANIFEST_ISOLATION_PMP);
    EXPECT_EQ(read_with(put_string("isolation", "gstage")), STATUS_OK);
    EXPECT_EQ(manifest_.guests[0].isolation, MANIFEST_ISOLATION_GSTAGE);
    for (const std::string &value : {std::string(""), std::string("\0", 1), std::string("pmp"), std::string("pm\0", 3),
                                     std::string("pmp\0x\0", 6), std::string("PMP\0", 4)}) {
        EXPECT_EQ(read_with(put_bytes("isolation", value)), STATUS_INVALID) << value;
        EXPECT_EQ(reason(), "guest linux: isolation is not auto, pmp or gstage");
    }
}

TEST_F(ManifestRead, RamAddress) {
    EXPECT_EQ(read({make_guest("linux")}), STATUS_OK);
    EXPECT_FALSE(manifest_.guests[0].has_ram_address);
    EXPECT_EQ(read_with(put_u64("ram-address", 0)), STATUS_OK);
    EXPECT_TRUE(manifest_.guests[0].has_ram_address);
    EXPECT_EQ(manifest_.guests[0].ram_address, 0u);
    EXPECT_EQ(read_with(put_u64("ram-address", 0x80400000)), STATUS_OK);
    EXPECT_EQ(manifest_.guests[0].ram_address, 0x80400000u);
    EXPECT_EQ(read_with(put_u32("ram-address", 0)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: ram-address is not one number of 64 bits");
    EXPECT_EQ(read_with(put_u64("ram-address", 0x80200000)), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: ram-address is not a multiple of 4 MiB");
    EXPECT_EQ(read_with(put_u64("ram-address", MANIFEST_RAM_ADDRESS_MAX)), STATUS_OK);
    EXPECT_EQ(read_with(put_u64("ram-address", MANIFEST_RAM_ADDRESS_MAX + MANIFEST_RAM_ADDRESS_ALIGN)), STATUS_TOO_BIG);
    EXPECT_EQ(reason(), "guest linux: ram-address is beyond what any machine can address");
}

class ManifestBind : public ManifestRead {
  protected:
    status_t bind(const fit_sample::Fit &description, const std::vector<Put> &more = {}) {
        fit_bytes_ = fit_sample::write(description);
        EXPECT_EQ(fit_open(fit_bytes_.data(), fit_bytes_.size(), &fit_, &reason_), STATUS_OK) << reason();
        EXPECT_EQ(read({make_guest("linux", more)}), STATUS_OK) << reason();
        return manifest_bind(&manifest_, &fit_, &reason_);
    }

    fit_sample::Bytes fit_bytes_;
    struct fit fit_;
};

TEST_F(ManifestBind, FindsImages) {
    ASSERT_EQ(bind(fit_sample::make_fit()), STATUS_OK) << reason();
    EXPECT_EQ(manifest_.guests[0].kernel_image, &fit_.images[1]);
    EXPECT_EQ(manifest_.guests[0].ramdisk_image, nullptr);
    ASSERT_EQ(bind(fit_sample::make_fit(), {put_string("ramdisk", "ramdisk-1")}), STATUS_OK) << reason();
    EXPECT_EQ(manifest_.guests[0].ramdisk_image, &fit_.images[2]);
}

TEST_F(ManifestBind, RefusesWhatIsNotThere) {
    EXPECT_EQ(bind(fit_sample::make_fit(), {put_string("ramdisk", "ramdisk-2")}), STATUS_NOT_FOUND);
    EXPECT_EQ(reason(), "guest linux: ramdisk: there is no image ramdisk-2");
}

TEST_F(ManifestBind, RefusesWhatTheConfigurationDoesNotList) {
    fit_sample::Fit description = fit_sample::make_fit();
    description.loadables = {"ramdisk-1"};
    EXPECT_EQ(bind(description), STATUS_INVALID);
    EXPECT_EQ(reason(), "guest linux: kernel: image kernel-1 is not among the configuration's loadables");
    EXPECT_EQ(bind(fit_sample::make_fit(), {put_string("ramdisk", "guests")}), STATUS_INVALID);
}

} // namespace
