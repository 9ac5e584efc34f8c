/* boot: the whole way from a device tree and a FIT to a guest's first instruction, harts as threads; and boots that
 * cannot be. */
#include "kernel/kernel_fixture.h"

#include <libfdt.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "kernel/boot/tree_sample.h"
#include "lib/fit/fit_sample.h"

extern "C" {
#include "kernel/boot/boot.h"
}

namespace {

using tree_sample::MakeVirt;
using tree_sample::Text;
using tree_sample::Tree;
using tree_sample::Virt;
using tree_sample::Wide;

/* Every boot is in a process of its own, as the kernel boots once. What it says goes to standard error. */
class Boot : public KernelFixture {
  public:
    static constexpr uint64_t kFdtOffset = 60 << 20;
    static constexpr uint64_t kImagesOffset = 32 << 20;

    void SetUp() override {
        host_harts_reset(kFeatures);
        host_kernel_place(Ram::Base(), Ram::Base() + 0x40000);
        virt.ram_base = Ram::Base();
        virt.ram_size = Ram::kSize;
        virt.harts = 1;
    }

    static std::string Description(const std::string &guest) {
        std::vector<uint8_t> blob(4096);
        fdt_create(blob.data(), static_cast<int>(blob.size()));
        fdt_finish_reservemap(blob.data());
        fdt_begin_node(blob.data(), "");
        fdt_property_string(blob.data(), MANIFEST_ROOT_COMPATIBLE, MANIFEST_COMPATIBLE);
        fdt_property_u32(blob.data(), MANIFEST_ROOT_VERSION, MANIFEST_VERSION);
        fdt_begin_node(blob.data(), guest.c_str());
        fdt_property_string(blob.data(), MANIFEST_GUEST_KERNEL, "kernel-1");
        fdt_property_string(blob.data(), MANIFEST_GUEST_RAMDISK, "ramdisk-1");
        fdt_property_u64(blob.data(), MANIFEST_GUEST_MEMORY, 8 << 20);
        fdt_property_u32(blob.data(), MANIFEST_GUEST_VCPUS, 2);
        fdt_end_node(blob.data());
        fdt_end_node(blob.data());
        fdt_finish(blob.data());
        return std::string(blob.begin(), blob.begin() + static_cast<std::ptrdiff_t>(fdt_totalsize(blob.data())));
    }

    void PutImages() {
        fit_sample::Fit fit = fit_sample::make_fit(Description("tiny"));
        std::vector<uint8_t> image = MakeImage(10000, 20000);
        fit.images[1].data = std::string(image.begin(), image.end());
        if (breaks_hash) {
            fit.images[1].hashes[0].value = std::vector<uint8_t>{1, 2, 3, 4};
        }
        std::vector<uint8_t> bytes = fit_sample::write(fit);
        std::memcpy(Memory(Ram::Base() + kImagesOffset), bytes.data(), bytes.size());
        images_size = bytes.size();
    }

    /* Boots; the first hart that enters a guest, or the boot hart if it comes to its end before, ends the process. */
    [[noreturn]] void BootAndExit() {
        PutImages();
        Tree tree = MakeVirt(virt);
        for (int uart = 0; uart < more_uarts; uart++) {
            tree.root.Add("uart@" + std::to_string(uart)).Set("compatible", Text({"ns16550a"}));
        }
        uint64_t images = Ram::Base() + kImagesOffset;
        tree.root.At("chosen")
            .Set("linux,initrd-start", Wide({images}))
            .Set("linux,initrd-end", Wide({images + (has_images ? images_size : 0)}));
        tree_sample::Bytes blob = tree.Write();
        std::memcpy(Memory(Ram::Base() + kFdtOffset), blob.data(), blob.size());
        boot_hart.id = boot_id;
        host_hart_become(&boot_hart);
        host_clock_set_step(10);
        host_wait_for_threads(virt.harts > 1);
        std::vector<std::thread> threads;
        for (uint32_t id = 0; id < virt.harts - late_harts; id++) {
            if (id != boot_id) {
                threads.emplace_back([this, id] { Join(id); });
            }
        }
        struct context *entered = nullptr;
        enum host_end how = host_run([](void *fdt) { boot_main(boot_hart.id, fdt); },
                                     Memory(Ram::Base() + kFdtOffset + fdt_skew), &entered);
        Finish(how, entered);
    }

    Virt virt;
    uint32_t boot_id = 0;
    uint32_t late_harts = 0;
    uint64_t fdt_skew = 0;
    bool has_images = true;
    int more_uarts = 0;
    bool breaks_hash = false;
    size_t images_size = 0;

  private:
    /* Shows the console and exits with what became of the hart. */
    [[noreturn]] void Finish(enum host_end how, const struct context *entered) {
        if (how == HOST_ENTERED) {
            (void)Run([] { console_flush(&kernel_console, timer_now()); });
        }
        std::fputs(board.Sent().c_str(), stderr);
        if (entered != nullptr) {
            auto *vcpu = reinterpret_cast<const struct vcpu *>(entered);
            std::fprintf(stderr, "entered at +0x%lx\n", entered->pc - vcpu->guest->base.value);
        }
        std::fprintf(stderr, "switch 0x%x\n", board.finisher);
        std::_Exit(static_cast<int>(how));
    }

    /* As start.S: waits to be listed, then joins. */
    void Join(uint32_t id) {
        for (;;) {
            struct hart *const *list = __atomic_load_n(&boot_harts, __ATOMIC_ACQUIRE);
            for (; list != nullptr && *list != nullptr; list++) {
                if ((*list)->id == id) {
                    host_hart_become(*list);
                    struct context *entered;
                    enum host_end how = host_run([](void *) { boot_join(); }, nullptr, &entered);
                    if (how == HOST_ENTERED) {
                        Finish(how, entered);
                    }
                    return;
                }
            }
            std::this_thread::yield();
        }
    }
};

testing::ExitedWithCode Ends(enum host_end end) {
    return testing::ExitedWithCode(static_cast<int>(end));
}

TEST_F(Boot, OneHartFromTheTreeToTheGuestsFirstInstruction) {
    EXPECT_EXIT(BootAndExit(), Ends(HOST_ENTERED),
                "diosix 0.1 rv64  1 hart  64 MiB  isolation: pmp \\(16 entries\\)(.|\n)*verified 3 images(.|\n)*"
                "guest tiny +2 vcpus  8 MiB(.|\n)*guest tiny: started(.|\n)*entered at \\+0x0");
}

/* The guest starts on the first hart of the tree, whichever of them boots. */
TEST_F(Boot, FourHartsWhicheverBoots) {
    virt.harts = 4;
    for (boot_id = 0; boot_id < 4; boot_id++) {
        EXPECT_EXIT(BootAndExit(), Ends(HOST_ENTERED), "diosix 0.1 rv64  4 harts(.|\n)*entered at \\+0x0");
    }
}

TEST_F(Boot, AHartThatDoesNotComeIsLeftOut) {
    virt.harts = 2;
    late_harts = 1;
    EXPECT_EXIT(
        {
            host_clock_set_step(1000);
            BootAndExit();
        },
        Ends(HOST_ENTERED), "hart 1 is not used: it did not start(.|\n)*1 hart ");
}

TEST_F(Boot, ATreeThatIsNoneIsRefused) {
    fdt_skew = 4;
    EXPECT_EXIT(BootAndExit(), Ends(HOST_HALTED), "");
}

TEST_F(Boot, MoreDevicesThanHaveRoomAreRefused) {
    more_uarts = SURVEY_NODES_MAX;
    EXPECT_EXIT(BootAndExit(), Ends(HOST_HALTED),
                "cannot start: the device tree has more than 64 banks of RAM(.|\n)*switch 0x13333");
}

TEST_F(Boot, WithoutImagesThereIsNothingToRun) {
    has_images = false;
    EXPECT_EXIT(BootAndExit(), Ends(HOST_HALTED), "cannot start: /chosen names no images(.|\n)*switch 0x13333");
}

TEST_F(Boot, AnImageWithAnotherHashIsRefused) {
    breaks_hash = true;
    EXPECT_EXIT(BootAndExit(), Ends(HOST_HALTED), "cannot start: the guests' images.*kernel-1(.|\n)*switch 0x13333");
}

TEST_F(Boot, HartsWithoutPmpAreRefused) {
    EXPECT_EXIT(
        {
            struct hart hart = {};
            host_hart_of(&hart)->pmp_count = 0;
            BootAndExit();
        },
        Ends(HOST_HALTED), "hart 0 is not used: it has no PMP(.|\n)*cannot start: no hart is usable");
}

TEST_F(Boot, HartsWithHRunGuests) {
    EXPECT_EXIT(
        {
            host_harts_reset(kFeatures | HART_H);
            BootAndExit();
        },
        Ends(HOST_ENTERED), "isolation: gstage \\(Sv39x4\\)(.|\n)*guest tiny: started(.|\n)*entered at \\+0x0");
}

} // namespace
