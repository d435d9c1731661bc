#pragma once
// Bringing an older file to the form that this build writes. The file's user_version says what form it has.
#include "database.h"

#include <span>

namespace argot::sqlite {

/// Statements that lead from version N to N+1, where N is the place in the list.
using Migrations = std::span<const char* const>;

/// Runs what is missing, all or nothing. Throws Error(incompatible), and changes nothing, when the file is newer
/// than the list.
void migrate(Database& db, Migrations migrations);

}  // namespace argot::sqlite
