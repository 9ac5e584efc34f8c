/* admission: homes by load and affinity, promises that fit, and a sentence for those that do not. */
#include "kernel/kernel_fixture.h"

extern "C" {
#include "kernel/sched/admission.h"
}

namespace {

class Admission : public KernelFixture {
  public:
    /* Hart ids as the manifest has them. */
    static std::string Harts(const std::vector<uint8_t> &ids) {
        std::string bytes;
        for (uint8_t id : ids) {
            bytes += std::string(3, '\0') + static_cast<char>(id);
        }
        return bytes;
    }

    static GuestPlan Reserve(const std::string &name, uint32_t budget, uint32_t period, uint32_t vcpus = 1) {
        GuestPlan plan = {.name = name, .vcpus = vcpus};
        plan.weight = 0;
        plan.budget = budget;
        plan.period = period;
        return plan;
    }

    /* The index of each vcpu's home. */
    static std::vector<uint32_t> Homes(uint32_t guest) {
        std::vector<uint32_t> homes;
        for (uint32_t id = 0; id < guests[guest]->vcpu_count; id++) {
            homes.push_back(guests[guest]->vcpus[id]->hart->index);
        }
        return homes;
    }

    using Indices = std::vector<uint32_t>;
};

TEST_F(Admission, VcpusAreSpreadOverTheHarts) {
    Start(3);
    MakeGuests({{.name = "a", .vcpus = 5}, {.name = "b", .vcpus = 2}});
    EXPECT_EQ(Homes(0), (Indices{0, 1, 2, 0, 1}));
    EXPECT_EQ(Homes(1), (Indices{2, 0}));
}

TEST_F(Admission, AffinityIsByHartId) {
    Start(3);
    harts[0]->id = 7; /* the boot hart is the first, whatever its id is */
    harts[1]->id = 0;
    harts[2]->id = 1;
    MakeGuests(
        {{.name = "a", .vcpus = 2, .affinity = Harts({0, 1})}, {.name = "b", .vcpus = 1, .affinity = Harts({7, 99})}});
    EXPECT_EQ(Homes(0), (Indices{1, 2}));
    EXPECT_EQ(Homes(1), (Indices{0}));
    EXPECT_EQ(guests[0]->vcpus[0]->runner.policy.affinity, 0b110u);
    EXPECT_TRUE(guests[0]->vcpus[0]->runner.can_move);
    EXPECT_FALSE(guests[1]->vcpus[0]->runner.can_move) << "there is but one hart for it";
    harts[0]->id = 0; /* for the models of the build machine */
    harts[1]->id = 1;
    harts[2]->id = 2;
}

TEST_F(Admission, AnAffinityToNoHartIsRefused) {
    Start(2);
    MakeGuests({{.name = "a", .affinity = Harts({2, 3})}, {.name = "b"}});
    EXPECT_NE(Log().find("guest a: not started: none of the harts of its affinity is there"), std::string::npos);
    ASSERT_EQ(guest_count, 1u);
    EXPECT_STREQ(guests[0]->name, "b");
}

TEST_F(Admission, ReservationsGoWhereMostIsLeft) {
    Start(2);
    MakeGuests({Reserve("a", 5000, 10000), Reserve("b", 3000, 10000), Reserve("c", 3000, 10000), {.name = "fair"}});
    EXPECT_EQ(Homes(0), (Indices{0}));
    EXPECT_EQ(Homes(1), (Indices{1}));
    EXPECT_EQ(Homes(2), (Indices{1}));
    EXPECT_EQ(Homes(3), (Indices{0}));
    EXPECT_FALSE(guests[0]->vcpus[0]->runner.can_move);
    EXPECT_EQ(guests[0]->vcpus[0]->runner.reservation.budget, 5 * kMillisecond);
    EXPECT_EQ(guests[0]->vcpus[0]->runner.reservation.period, 10 * kMillisecond);
}

TEST_F(Admission, UpToTheBoundAndNoFurther) {
    Start(1);
    MakeGuests({Reserve("a", 4500, 10000),
                Reserve("b", 4498, 10000),
                Reserve("c", 100, 1000000),
                Reserve("d", 100, 100000),
                {.name = "fair"}});
    ASSERT_EQ(guest_count, 4u);
    EXPECT_STREQ(guests[2]->name, "c");
    EXPECT_STREQ(guests[3]->name, "fair");
    EXPECT_NE(Log().find("guest d: not started: each of its 1 vcpus reserves 1% of a hart; after 0 of them, no hart "
                         "that it may use has more than 0% left of the 90% that can be reserved"),
              std::string::npos);
}

TEST_F(Admission, NineTenthsFitInWhateverPieces) {
    for (uint32_t pieces : {1u, 2u, 3u, 6u, 9u, 10u, 18u, 45u}) {
        Start(1);
        MakeGuests({Reserve("a", 900000 / pieces, 1000000, pieces)});
        EXPECT_EQ(guest_count, 1u) << pieces << Log();
        TearDown();
    }
}

TEST_F(Admission, AllVcpusFitOrNone) {
    Start(2);
    MakeGuests({Reserve("a", 40, 100, 5), Reserve("b", 40, 100, 4), Reserve("c", 20, 100)});
    std::string log = Log();
    EXPECT_NE(log.find("guest a: not started: each of its 5 vcpus reserves 40% of a hart; after 4 of them, no hart "
                       "that it may use has more than 10% left of the 90% that can be reserved"),
              std::string::npos)
        << log;
    ASSERT_EQ(guest_count, 1u) << "what a had no room for was there for b";
    EXPECT_EQ(Homes(0), (Indices{0, 1, 0, 1}));
    EXPECT_NE(log.find("guest c: not started: each of its 1 vcpus reserves 20% of a hart"), std::string::npos);
}

TEST_F(Admission, AffinityBoundsTheRoom) {
    Start(2);
    GuestPlan second = Reserve("b", 50, 100);
    second.affinity = Harts({0});
    GuestPlan third = Reserve("c", 50, 100);
    third.affinity = Harts({0});
    MakeGuests({second, third});
    EXPECT_NE(Log().find("guest c: not started"), std::string::npos);
    ASSERT_EQ(guest_count, 1u);
}

} // namespace
