/* heap: the smallest first, whatever is inserted and removed in which order; against a multiset. */
#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/heap.h"
}

namespace {

class Heap : public testing::Test {
  protected:
    void Make(size_t count) {
        nodes.resize(count);
        slots.assign(count, nullptr);
        for (struct heap_node &node : nodes) {
            heap_node_init(&node);
        }
        heap_init(&heap, slots.data());
    }

    /* Every node knows its slot, and no parent is larger than its child. */
    void ExpectSound() {
        for (uint32_t index = 0; index < heap.count; index++) {
            ASSERT_EQ(slots[index]->place, index + 1);
            ASSERT_LE(slots[index == 0 ? 0 : (index - 1) / 2]->key, slots[index]->key);
        }
    }

    std::vector<struct heap_node> nodes;
    std::vector<struct heap_node *> slots;
    struct heap heap;
};

TEST_F(Heap, EmptyHasNoFirst) {
    Make(1);
    EXPECT_EQ(heap_first(&heap), nullptr);
    EXPECT_FALSE(heap_node_is_in(&nodes[0]));
    heap_remove(&heap, &nodes[0]);
    EXPECT_EQ(heap.count, 0u);
}

TEST_F(Heap, OneGoesInAndOut) {
    Make(1);
    heap_insert(&heap, &nodes[0], 7);
    EXPECT_TRUE(heap_node_is_in(&nodes[0]));
    EXPECT_EQ(heap_first(&heap), &nodes[0]);
    EXPECT_EQ(heap_first(&heap)->key, 7u);
    heap_remove(&heap, &nodes[0]);
    EXPECT_EQ(heap_first(&heap), nullptr);
    EXPECT_FALSE(heap_node_is_in(&nodes[0]));
}

TEST_F(Heap, ComesOutInOrderOfKeys) {
    Make(200);
    std::mt19937 random(1);
    std::vector<uint64_t> keys;
    for (struct heap_node &node : nodes) {
        keys.push_back(random() % 50); /* so that many are equal */
        heap_insert(&heap, &node, keys.back());
        ExpectSound();
    }
    std::sort(keys.begin(), keys.end());
    for (uint64_t key : keys) {
        ASSERT_EQ(heap_first(&heap)->key, key);
        heap_remove(&heap, heap_first(&heap));
        ExpectSound();
    }
}

TEST_F(Heap, TakesTheLargestKeys) {
    Make(3);
    heap_insert(&heap, &nodes[0], UINT64_MAX);
    heap_insert(&heap, &nodes[1], UINT64_MAX - 1);
    heap_insert(&heap, &nodes[2], 0);
    EXPECT_EQ(heap_first(&heap), &nodes[2]);
    heap_remove(&heap, &nodes[2]);
    EXPECT_EQ(heap_first(&heap), &nodes[1]);
}

/* Any node may go at any time. The one that takes its slot may belong further up, which a plain order never shows. */
TEST_F(Heap, RemovesFromTheMiddle) {
    Make(64);
    std::mt19937 random(2);
    std::multiset<uint64_t> expected;
    for (unsigned step = 0; step < 20000; step++) {
        struct heap_node &node = nodes[random() % nodes.size()];
        if (heap_node_is_in(&node)) {
            expected.erase(expected.find(node.key));
            heap_remove(&heap, &node);
        } else {
            uint64_t key = random() % 1000;
            expected.insert(key);
            heap_insert(&heap, &node, key);
        }
        ExpectSound();
        ASSERT_EQ(heap.count, expected.size());
        if (!expected.empty()) {
            ASSERT_EQ(heap_first(&heap)->key, *expected.begin());
        }
    }
}

} // namespace
