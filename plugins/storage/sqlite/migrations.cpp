#include "migrations.h"

namespace argot::sqlite {

void migrate(Database& db, Migrations migrations) {
  const auto known = static_cast<std::int64_t>(migrations.size());
  const std::int64_t found = db.number("PRAGMA user_version");
  if (found > known)
    throw Error(Code::incompatible,
                "The store \"" + db.file().string() + "\" was written by a newer version (its form is " +
                    std::to_string(found) + ", this build knows " + std::to_string(known) + ").",
                "Update Argot; the store was not changed.");
  if (found == known) return;
  db.begin();
  try {
    for (auto next = found; next < known; ++next) db.run(migrations[static_cast<std::size_t>(next)]);
    db.run(("PRAGMA user_version = " + std::to_string(known)).c_str());
  } catch (...) {
    db.rollback();
    throw;
  }
  db.commit();
}

}  // namespace argot::sqlite
