#pragma once
// What people do to messages: reactions, edits, taking back. Kept in the message's own row (StoredMessage.extra), so
// that a message with its reactions is read in one go.
//
// Effects arrive in any order, more than once, and on both sides; the result is the same, because each has a winner
// that does not depend on order: of edits the latest; of one person's uses of one emoji the latest; taking back always.
#include <argot/messenger.h>

namespace argot::kernel {

struct Effect {
  enum class Kind : std::uint8_t { react = 1, unreact = 2, edit = 3, unsend = 4 } kind = Kind::react;
  std::string by;          ///< account id of who does it; authenticated
  std::int64_t at_ms = 0;  ///< by their clock: the time of the message that said so
  std::string target_author;
  std::int64_t target_ms = 0;
  std::string text;  ///< the emoji, or the new text
};

struct Marks {
  static constexpr std::size_t most_of_one_person = 32;  ///< reactions; the latest are kept

  struct Mark {
    std::string by, emoji;
    std::int64_t at_ms = 0;
    bool removed = false;  ///< kept, so that an addition that is older comes too late
  };
  std::vector<Mark> reactions;
  std::int64_t edited_at_ms = 0;
  Disappearing timer;
  Message::Call call = Message::Call::missed;
  std::string copy_hash;  ///< of the copy in one's own mailbox, of a message that this device sent

  static Marks read(ByteView extra);
  Bytes write() const;
};

enum class Applied { changed, unchanged, refused };
/// Nothing but the message is touched. refused: not the author, or not that kind of message.
Applied apply(StoredMessage& message, const Effect& effect);

}  // namespace argot::kernel
