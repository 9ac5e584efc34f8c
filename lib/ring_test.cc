#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/ring.h"
}

namespace {

class Ring : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_EQ(ring_init(&ring, memory, sizeof memory), STATUS_OK);
    }

    size_t put(const std::string &text) {
        return ring_put(&ring, text.data(), text.size());
    }

    std::string get(size_t size) {
        std::string text(size, '?');
        text.resize(ring_get(&ring, text.data(), size));
        return text;
    }

    std::string peek(size_t offset) {
        struct ring_span span = ring_peek(&ring, offset);
        return std::string(reinterpret_cast<char *>(span.bytes), span.size);
    }

    uint8_t memory[8] = {};
    struct ring ring;
};

TEST_F(Ring, RefusesSizesThatAreNotAPowerOfTwo) {
    for (size_t size : {size_t{0}, size_t{3}, size_t{7}, size_t{12}, SIZE_MAX, size_t{1} << 32}) {
        EXPECT_EQ(ring_init(&ring, memory, size), STATUS_INVALID) << size;
    }
    EXPECT_EQ(ring_init(&ring, memory, size_t{1} << 31), STATUS_OK);
    EXPECT_EQ(ring_init(&ring, memory, 1), STATUS_OK);
    EXPECT_EQ(ring_space(&ring), 1u);
}

TEST_F(Ring, TakesWhatFitsAndGivesItBackInOrder) {
    EXPECT_EQ(get(4), "");
    EXPECT_EQ(put("abcde"), 5u);
    EXPECT_EQ(ring_count(&ring), 5u);
    EXPECT_EQ(ring_space(&ring), 3u);
    EXPECT_EQ(put("fghij"), 3u);
    EXPECT_EQ(ring_space(&ring), 0u);
    EXPECT_EQ(put("x"), 0u);
    EXPECT_EQ(get(3), "abc");
    EXPECT_EQ(put("xyz"), 3u);
    EXPECT_EQ(get(100), "defghxyz");
    EXPECT_EQ(ring_count(&ring), 0u);
}

TEST_F(Ring, PeeksInPiecesAtTheWrap) {
    put("abcdef");
    get(4);
    put("ghijkl");
    EXPECT_EQ(peek(0), "efgh");
    EXPECT_EQ(peek(4), "ijkl");
    EXPECT_EQ(peek(1), "fgh");
    EXPECT_EQ(peek(7), "l");
    EXPECT_EQ(peek(8), "");
    EXPECT_EQ(peek(SIZE_MAX), "");
    EXPECT_EQ(ring_count(&ring), 8u) << "peeking takes nothing";
}

TEST_F(Ring, DropsNoMoreThanThereIs) {
    put("abcdef");
    EXPECT_EQ(ring_drop(&ring, 2), 2u);
    EXPECT_EQ(peek(0), "cdef");
    EXPECT_EQ(ring_drop(&ring, SIZE_MAX), 4u);
    EXPECT_EQ(ring_count(&ring), 0u);
    put("gh");
    ring_clear(&ring);
    EXPECT_EQ(ring_count(&ring), 0u);
    EXPECT_EQ(ring_space(&ring), 8u);
}

TEST_F(Ring, ReservesAndCommitsInPlace) {
    put("abcdef");
    get(6);
    struct ring_span span = ring_reserve(&ring);
    ASSERT_EQ(span.size, 2u);
    std::memcpy(span.bytes, "gh", 2);
    EXPECT_EQ(ring_commit(&ring, 3), 2u) << "no more than the span can have been written";
    EXPECT_EQ(ring_reserve(&ring).size, 6u);
    EXPECT_EQ(ring_commit(&ring, 0), 0u);
    EXPECT_EQ(get(8), "gh");
    put("12345678");
    EXPECT_EQ(ring_reserve(&ring).size, 0u);
    EXPECT_EQ(ring_commit(&ring, 1), 0u);
}

TEST_F(Ring, CountersMayWrap) {
    ring.written = UINT32_MAX - 2;
    ring.read = UINT32_MAX - 2;
    EXPECT_EQ(put("abcdefgh"), 8u);
    EXPECT_EQ(ring_count(&ring), 8u);
    EXPECT_EQ(ring_space(&ring), 0u);
    EXPECT_EQ(get(8), "abcdefgh");
}

TEST_F(Ring, AgreesWithADequeOverRandomOperations) {
    std::mt19937 random(2);
    std::deque<char> model;
    for (int step = 0; step < 20000; step++) {
        size_t size = random() % 12;
        if (random() % 2 == 0) {
            std::string text;
            for (size_t index = 0; index < size; index++) {
                text.push_back(static_cast<char>(random()));
            }
            size_t taken = put(text);
            ASSERT_EQ(taken, std::min(size, 8 - model.size()));
            model.insert(model.end(), text.begin(), text.begin() + static_cast<long>(taken));
        } else {
            std::string text = get(size);
            ASSERT_EQ(text.size(), std::min(size, model.size()));
            for (char byte : text) {
                ASSERT_EQ(byte, model.front());
                model.pop_front();
            }
        }
        ASSERT_EQ(ring_count(&ring), model.size());
        ASSERT_EQ(ring_space(&ring), 8 - model.size());
    }
}

} // namespace
