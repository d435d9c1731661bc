#include <kernel/control/control.h>

#include <gtest/gtest.h>

namespace argot::kernel {
namespace {

TEST(ErrorOfACall, IsTheOneThatTheKernelAnsweredWith) {
  for (int each = 0; each <= int(Code::internal); ++each) {
    const Error error = error_in({{"code", name_of(Code(each))}, {"message", "It is so."}, {"remedy", "Do that."}});
    EXPECT_EQ(error.code(), Code(each));
    EXPECT_EQ(error.sentence(), "It is so. Do that.");
  }
}

TEST(ErrorOfACall, IsUnavailableWhenTheAnswerMakesNoSense) {
  for (const boost::json::object& told :
       {boost::json::object{}, {{"code", "new_kind"}}, {{"code", 7}, {"message", true}, {"remedy", nullptr}}}) {
    EXPECT_EQ(error_in(told).code(), Code::unavailable);
    EXPECT_EQ(error_in(told).sentence(), "The call failed.");
  }
}

}  // namespace
}  // namespace argot::kernel
