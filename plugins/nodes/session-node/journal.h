#pragma once
// Messages on the disk before they are in the database: records one after the other in one file, so that to keep a
// hundred of them costs one write and one wait for the disk. Once they are in the database the file is used again from
// its beginning: it never grows beyond a few megabytes, and its blocks are there already.
//
// A header names the database it belongs to, and holds a key. Each record is its length, a keyed hash, and the message;
// the hash covers the hash before, so what is left of older records after the newest one is not taken for records,
// whoever wrote what into them. Row numbers only grow: the database knows from them which records it has.
#include "handover.h"
#include "journal_file.h"

namespace argot::node {

/// A message with its place in the order of all.
struct PendingMessage {
  std::int64_t row = 0;
  StoredMessage message;
};

/// Used by one thread at a time. Errors as JournalFile's.
class Journal {
 public:
  static constexpr std::size_t max_data = 80'000, max_hash = 255;  ///< of one message
  static constexpr std::size_t max_file = 16 << 20;                ///< more is not read
  using Identity = Fixed<16>;                                      ///< of the database

  Journal(std::unique_ptr<JournalFile> file, const Identity& identity) : file_(std::move(file)), identity_(identity) {}

  struct Content {
    std::vector<PendingMessage> messages;  ///< rows ascending
    bool torn = false;                     ///< something that is not whole followed; it was never acknowledged
    bool foreign = false;                  ///< the file belongs to another database
  };
  /// What was in the journal when the process ended, without rows up to `applied`. When the first one is such a row,
  /// all are: the file is used again only after all its rows are in the database. Throws also Error(incompatible) when
  /// a newer version wrote it.
  Content read(std::int64_t applied);
  /// Gives a foreign file another name, so that renew() does not write over what others have acknowledged; the name.
  std::string set_aside();

  /// Makes everything in the file void and the journal usable; on the disk when it returns.
  void renew();
  bool usable() const { return usable_; }
  /// All its messages are in the database, on the disk: the next ones take their place.
  void rewind();
  /// On the disk when it returns. After an error the journal is no longer usable, and what of these will be found after
  /// a crash is not known.
  void append(const std::vector<const PendingMessage*>& messages);

 private:
  using Tag = Fixed<16>;
  Tag tag(const Tag& before, ByteView payload) const;
  void put(Bytes& out, const PendingMessage& each);

  std::unique_ptr<JournalFile> file_;
  Identity identity_;
  Fixed<16> key_{};
  Tag last_{};
  std::uint64_t at_ = 0, written_ = 0;  ///< where the next record goes; how far the file has blocks
  bool usable_ = false;
};

}  // namespace argot::node
