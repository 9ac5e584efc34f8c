#include <climits>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "lib/format.h"
}

namespace {

struct StringSink {
    struct format_sink sink;
    std::string text;
    int calls;
};

void string_put(struct format_sink *sink, const char *text, size_t size) {
    StringSink *target = reinterpret_cast<StringSink *>(sink);
    target->text.append(text, size);
    target->calls++;
}

// The format goes through a variable, so that the compiler lets the wrong ones through as well.
#pragma clang diagnostic ignored "-Wformat-security"
#pragma clang diagnostic ignored "-Wformat-nonliteral"
template <typename... Arguments> std::string Format(const char *format, Arguments... arguments) {
    StringSink target = {{string_put}, "", 0};
    size_t written = format_print(&target.sink, format, arguments...);
    EXPECT_EQ(written, target.text.size());
    return target.text;
}

template <typename... Arguments> std::string Expected(const char *format, Arguments... arguments) {
    char text[256];
    std::snprintf(text, sizeof text, format, arguments...);
    return text;
}

// What the C library prints is the reference for all that both understand.
template <typename... Arguments> void ExpectLikeC(const char *format, Arguments... arguments) {
    EXPECT_EQ(Format(format, arguments...), Expected(format, arguments...)) << format;
}

TEST(Format, PlainText) {
    EXPECT_EQ(Format(""), "");
    EXPECT_EQ(Format("hello"), "hello");
    EXPECT_EQ(Format("100%% of %%d"), "100% of %d");
}

TEST(Format, Strings) {
    ExpectLikeC("<%s>", "text");
    ExpectLikeC("<%s>", "");
    ExpectLikeC("<%10s>", "text");
    ExpectLikeC("<%-10s>", "text");
    ExpectLikeC("<%2s>", "text");
    ExpectLikeC("<%40s>", "more padding than one piece of blanks");
    ExpectLikeC("<%-60s>", "more padding than one piece of blanks");
    ExpectLikeC("<%.2s>", "text");
    ExpectLikeC("<%.s>", "text");
    ExpectLikeC("<%.20s>", "text");
    ExpectLikeC("<%8.3s|%-8.3s>", "text", "text");
    ExpectLikeC("<%.*s>", 3, "text");
    ExpectLikeC("<%.*s>", 0, "text");
    ExpectLikeC("<%.*s>", -1, "text");
    EXPECT_EQ(Format("<%s>", static_cast<const char *>(nullptr)), "<(null)>");
}

TEST(Format, PrecisionReadsNoFurther) {
    std::vector<char> text = {'a', 'b', 'c'};
    EXPECT_EQ(Format("<%.*s>", 3, text.data()), "<abc>") << "no NUL behind the text; the sanitizer watches";
}

TEST(Format, Characters) {
    ExpectLikeC("<%c>", 'x');
    ExpectLikeC("<%3c|%-3c>", 'x', 'y');
    EXPECT_EQ(Format("%c", 0), std::string(1, '\0'));
    EXPECT_EQ(Format("%c", 0x141), "A");
}

TEST(Format, Decimals) {
    for (int value : {0, 1, -1, 9, 10, 42, -42, INT_MAX, INT_MIN}) {
        ExpectLikeC("%d", value);
        ExpectLikeC("%i", value);
        ExpectLikeC("%u", static_cast<unsigned>(value));
        ExpectLikeC("<%5d|%-5d|%05d>", value, value, value);
    }
    ExpectLikeC("%ld %lu", LONG_MIN, ULONG_MAX);
    ExpectLikeC("%lld %llu", LLONG_MIN, ULLONG_MAX);
    ExpectLikeC("%zu %zd", SIZE_MAX, static_cast<ssize_t>(-7));
    ExpectLikeC("%-08d|", 5);
    ExpectLikeC("%030d|", -5);
}

TEST(Format, Hexadecimals) {
    ExpectLikeC("%x %X", 0xbeefu, 0xbeefu);
    ExpectLikeC("%08x|%-8x|%8x", 0xbeefu, 0xbeefu, 0xbeefu);
    ExpectLikeC("%lx %llx %zx", ULONG_MAX, 0x123456789abcdefULL, SIZE_MAX);
    ExpectLikeC("0x%016llx", 0x80000000ULL);
    ExpectLikeC("%x", 0u);
}

TEST(Format, Pointers) {
    EXPECT_EQ(Format("%p", reinterpret_cast<void *>(0x8020abcd)), "0x8020abcd");
    EXPECT_EQ(Format("%p", static_cast<void *>(nullptr)), "0x0");
    EXPECT_EQ(Format("<%12p|%-12p>", reinterpret_cast<void *>(0xabc), reinterpret_cast<void *>(0xabc)),
              "<       0xabc|0xabc       >");
    EXPECT_EQ(Format("%010p", reinterpret_cast<void *>(0xabc)), "0x00000abc");
}

TEST(Format, WidthFromAnArgument) {
    ExpectLikeC("<%*d>", 6, 42);
    ExpectLikeC("<%*d>", -6, 42);
    ExpectLikeC("<%-*s>", 6, "ab");
    ExpectLikeC("<%0*x>", 6, 0xabu);
}

TEST(Format, WhatIsNotUnderstoodPrintsItself) {
    EXPECT_EQ(Format("%q"), "%q");
    EXPECT_EQ(Format("a %q b"), "a %q b");
}

TEST(Format, NothingIsReadBehindWhatIsNotUnderstood) {
    // A %s there would take a wrong argument for its pointer.
    EXPECT_EQ(Format("%d %f %s", 1, 2.0, "x"), "1 %f %s");
    EXPECT_EQ(Format("%d %.3d %s", 1, 2, "x"), "1 %.3d %s");
    EXPECT_EQ(Format("%d %hd %s", 1, 2, "x"), "1 %hd %s");
    EXPECT_EQ(Format("%d %+d %s", 1, 2, "x"), "1 %+d %s");
    EXPECT_EQ(Format("%d %#x %s", 1, 2, "x"), "1 %#x %s");
    EXPECT_EQ(Format("%d %n %s", 1, static_cast<int *>(nullptr), "x"), "1 %n %s");
}

TEST(Format, EndsInsideAConversion) {
    EXPECT_EQ(Format("%d %", 1), "1 %");
    EXPECT_EQ(Format("%d %-08", 1), "1 %-08");
    EXPECT_EQ(Format("%d %.", 1), "1 %.");
    EXPECT_EQ(Format("%d %l", 1), "1 %l");
    EXPECT_EQ(Format("%d %ll", 1), "1 %ll");
    EXPECT_EQ(Format("%d %z", 1), "1 %z");
}

TEST(Format, BufferIsAlwaysTerminated) {
    char text[8];
    EXPECT_EQ(format_buffer(text, sizeof text, "%s", "1234567"), 7u);
    EXPECT_STREQ(text, "1234567");
    EXPECT_EQ(format_buffer(text, sizeof text, "%s", "12345678"), 8u);
    EXPECT_STREQ(text, "1234567");
    EXPECT_EQ(format_buffer(text, sizeof text, "%d-%s-%x", 12, "abcdef", 0xffu), 12u);
    EXPECT_STREQ(text, "12-abcd");
    EXPECT_EQ(format_buffer(text, 1, "%s", "abc"), 3u);
    EXPECT_STREQ(text, "");
    EXPECT_EQ(format_buffer(nullptr, 0, "%s", "abc"), 3u);
    EXPECT_EQ(format_buffer(text, sizeof text, "%s", ""), 0u);
    EXPECT_STREQ(text, "");
}

TEST(Format, AHugeWidthIsOnlyCounted) {
    char text[4];
    const char *format = "%100000d";
    EXPECT_EQ(format_buffer(text, sizeof text, format, 1), 100000u);
    EXPECT_STREQ(text, "   ");
}

TEST(Format, WidthsThatOverflowAreCapped) {
    struct CountingSink {
        struct format_sink sink;
        size_t size;
    } counter = {{[](struct format_sink *sink, const char *, size_t size) {
                     reinterpret_cast<CountingSink *>(sink)->size += size;
                 }},
                 0};
    const char *format = "%99999999999999999999999d";
    EXPECT_EQ(format_print(&counter.sink, format, 1), static_cast<size_t>(INT_MAX / 2));
    EXPECT_EQ(counter.size, static_cast<size_t>(INT_MAX / 2));
    format = "%*d";
    EXPECT_EQ(format_print(&counter.sink, format, INT_MIN, 1), static_cast<size_t>(INT_MAX / 2));
}

TEST(Format, RandomNumbersLikeC) {
    std::mt19937_64 random(3);
    const char *const formats[] = {"%lld", "%20lld|", "%-20lld|", "%020lld", "%3lld"};
    const char *const unsigned_formats[] = {"%llu", "%22llu|", "%-22llx|", "%022llX", "%llx"};
    for (int step = 0; step < 5000; step++) {
        long long value = static_cast<long long>(random() >> random() % 64);
        value = random() % 2 == 0 ? value : -value;
        ExpectLikeC(formats[random() % std::size(formats)], value);
        ExpectLikeC(unsigned_formats[random() % std::size(unsigned_formats)], static_cast<unsigned long long>(value));
    }
}

} // namespace
