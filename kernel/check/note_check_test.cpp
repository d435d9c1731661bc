// Notes that make no sense are named by what is wrong with them.
#include <kernel/check/note_check.h>

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

PluginInfo sane() {
  PluginInfo info;
  info.name = "mine";
  info.version = "1.2.3-beta";
  info.kind = "transport";
  info.summary = "Carries envelopes by pigeon";
  info.provides = {"transport/1"};
  info.needs = {"network/1"};
  info.options = {{"poll", "5s", "how often", OptionType::duration, false}};
  return info;
}
std::vector<std::string> found_wrong(const PluginInfo& info) {
  kit::Report report;
  check_note(report, info);
  return report.failing();
}

TEST(NoteCheck, TakesASaneNote) { EXPECT_EQ(found_wrong(sane()), std::vector<std::string>{}); }

TEST(NoteCheck, NamesWhatIsWrong) {
  const auto with = [](auto change) {
    PluginInfo info = sane();
    change(info);
    return found_wrong(info);
  };
  const std::vector<std::string> who = {"its note says who it is"}, options = {"its options are well formed"};
  EXPECT_EQ(with([](PluginInfo& i) { i.name = "My Plugin"; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.version = "1"; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.version = "1.0.x"; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.kind = "carrier"; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.provides = {"suite/1"}; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.needs = {"network"}; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.needs = {"transport/1"}; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.summary = "x"; }), who);
  EXPECT_EQ(with([](PluginInfo& i) { i.options[0].fallback = "soon"; }), options);
  EXPECT_EQ(with([](PluginInfo& i) { i.options.push_back(i.options[0]); }), options);
  EXPECT_EQ(with([](PluginInfo& i) { i.options[0].help = ""; }), options);
  EXPECT_EQ(with([](PluginInfo& i) { i.options[0].name = "use"; }), options);
}

}  // namespace
}  // namespace argot::kernel
