#include "storage_kit.h"

#include "storage_scene.h"

namespace argot::kit {

Task<Report> check_storage(Context& ctx, StorageUnderTest subject) {
  Report report;
  report.subject = subject.name;
  std::filesystem::create_directories(subject.scratch);
  StorageScene scene(ctx, subject);
  for (StorageChecks group :
       {storage_message_checks(), storage_query_checks(), storage_table_checks(), storage_durability_checks()}) {
    for (const StorageCheck& check : group) {
      Finding finding;
      try {
        co_await check.run(scene, finding);
      } catch (...) {
        finding.broken_by(std::current_exception());
      }
      report.add(check.name, finding.holds(), finding.detail());
    }
  }
  co_return report;
}

}  // namespace argot::kit
