/* output: the text, and slices and instants for Perfetto. */
#include "tools/trace/log_text.h"

#include <gtest/gtest.h>

#include <algorithm>

extern "C" {
#include "tools/trace/output.h"
}

namespace {

/* Hart 0 runs web, then other, and sleeps; hart 1 sends an IPI and runs web's second vcpu to the end. */
const std::string log_text = "#trace 1 1000000\n#guest 0 web\n#guest 1 other\n"
                             "#hart 0 7 0\n"
                             "#t 0 64 enter 0.0 8000 0\n"
                             "#t 0 6e exit 0.0 9 8004\n"
                             "#t 0 6f sbi 0.0 54494d45 0\n"
                             "#t 0 78 enter 0.0 8008 0\n"
                             "#t 0 96 exit 0.0 80000007 8010\n"
                             "#t 0 a0 enter 1.0 9000 0\n"
                             "#t 0 c8 idle - ffffffff ffffffff\n"
                             "#hart 1 2 4\n"
                             "#t 1 80 ipi - 0 1\n"
                             "#t 1 84 enter 0.1 8100 0\n"
                             "#t 1 fa wake 0.1 0 0\n"
                             "#end\n";

std::string Json(const std::string &text) {
    LogText log(text);
    return Written([&](FILE *output) { EXPECT_EQ(output_json(&log.log, output), STATUS_OK); });
}

TEST(Output, TextHasALinePerEntryByTime) {
    LogText log(log_text);
    std::string text = Written([&](FILE *output) { output_text(&log.log, output); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
    EXPECT_EQ(text.find("    0.000000  hart 0   web.0               enter: at 0x8000\n"), 0u) << text;
    EXPECT_NE(text.find("    0.000010  hart 0   web.0               exit: ecall at 0x8004\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("    0.000028  hart 1   -                   ipi: to hart 0\n"), std::string::npos) << text;
    EXPECT_NE(text.find("4 older records were overwritten"), std::string::npos);
}

TEST(Output, TextSaysWhatIsMissing) {
    LogText log("#trace 1 1000\n#t 0 64 enter 0.0 8000 0\n#t 0 65 nonsense\n");
    std::string text = Written([&](FILE *output) { output_text(&log.log, output); });
    EXPECT_NE(text.find("1 damaged lines were left out"), std::string::npos);
    EXPECT_NE(text.find("the log ends before the dump does"), std::string::npos);
}

TEST(Output, JsonHasASliceForEachTimeThatAHartRanAVcpu) {
    std::string json = Json(log_text);
    auto slice = [&](int hart, const std::string &begin, const std::string &length, const std::string &vcpu) {
        return json.find("{\"ph\":\"X\",\"pid\":1,\"tid\":" + std::to_string(hart) + ",\"ts\":" + begin +
                         ",\"dur\":" + length + ",\"name\":\"" + vcpu + "\",\"cat\":\"vcpu\"}") != std::string::npos;
    };
    EXPECT_TRUE(slice(0, "0.000", "60.000", "web.0")) << json;
    EXPECT_TRUE(slice(0, "60.000", "40.000", "other.0")) << json;
    EXPECT_TRUE(slice(1, "32.000", "118.000", "web.1")) << "up to its hart's last entry: " << json;
    EXPECT_NE(
        json.find("\"name\":\"sbi\",\"cat\":\"event\",\"args\":{\"vcpu\":\"web.0\",\"what\":\"TIME, function 0\"}"),
        std::string::npos)
        << json;
    EXPECT_NE(json.find("\"args\":{\"name\":\"hart 1\"}"), std::string::npos);
}

/* Brackets pair up, and every element but the last has a comma behind it: enough to see that it can be parsed. */
TEST(Output, JsonIsWellFormed) {
    for (const std::string &text : {log_text, std::string("#trace 1 10\n#end\n")}) {
        std::string json = Json(text);
        EXPECT_EQ(std::count(json.begin(), json.end(), '{'), std::count(json.begin(), json.end(), '}'));
        EXPECT_EQ(std::count(json.begin(), json.end(), '['), 1);
        EXPECT_EQ(json.find("}\n{"), std::string::npos);
        EXPECT_EQ(json.find(",\n]"), std::string::npos);
        EXPECT_EQ(json.substr(json.size() - 4), "\n]}\n");
        EXPECT_EQ(std::count(json.begin(), json.end(), '"') % 2, 0);
    }
}

} // namespace
