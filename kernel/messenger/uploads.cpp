#include <kernel/messenger/uploads.h>

#include <kernel/messenger/prepare.h>
#include <kernel/messenger/record.h>
#include <kernel/messenger/trace.h>

#include <argot/file_url.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <bit>
#include <charconv>
#include <cstdio>
#include <fstream>

namespace argot::kernel {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view files_owner = "files";
constexpr std::size_t part_size = 256 * 1024, read_at_once = 64 * 1024;

/// Where a file's bytes are.
struct Source {
  std::string path;  // empty: in the store
  std::uint64_t size = 0;
  std::int64_t changed = 0;
  std::string type;  // as the sender said; may be empty
  bool as_it_is = false;
};

/// Numbers in keys ascend as texts.
std::string padded(std::int64_t number, int digits) {
  char out[32];
  std::snprintf(out, sizeof out, "%0*lld", digits, static_cast<long long>(number));
  return out;
}
std::string job_key(MessageId message) { return "up/" + padded(message, 19); }
std::string data_prefix(MessageId message) { return "data/" + padded(message, 19) + "/"; }
std::string data_prefix(MessageId message, std::size_t index) {
  return data_prefix(message) + padded(std::int64_t(index), 2) + "/";
}

std::int64_t time_of_change(const fs::path& path, std::error_code& failure) {
  return fs::last_write_time(path, failure).time_since_epoch().count();
}

[[noreturn]] void cannot_read(const fs::path& path, const std::string& why) {
  throw Error(Code::invalid_argument, "The file " + path.string() + " cannot be sent: " + why + ".",
              "Check its name and its permissions.");
}

void check_unchanged(const Source& source) {
  std::error_code failure;
  const fs::path path(source.path);
  const std::uint64_t size = fs::file_size(path, failure);
  if (failure) cannot_read(path, "it is not there any more");
  if (size != source.size || time_of_change(path, failure) != source.changed)
    cannot_read(path, "it has changed since it was chosen");
}

/// Off the loop.
template <class Use> void read_file(const Source& source, Use use) {
  check_unchanged(source);
  std::ifstream in(source.path, std::ios::binary);
  if (!in) cannot_read(source.path, "it may not be read");
  Bytes plain(read_at_once);
  do {
    in.read(reinterpret_cast<char*>(plain.data()), std::streamsize(plain.size()));
    use(ByteView(plain).first(std::size_t(in.gcount())));
  } while (in);
  if (in.bad()) cannot_read(source.path, "reading it failed");
  check_unchanged(source);
}

/// Off the loop. One of `source.path` and `data`.
std::shared_ptr<Bytes> encrypt(FileSealer& sealer, const Source& source, const Bytes& data, std::uint64_t sealed) {
  auto out = std::make_shared<Bytes>();
  out->reserve(static_cast<std::size_t>(sealed));
  if (source.path.empty()) {
    sealer.add(data, *out);
  } else {
    read_file(source, [&](ByteView part) { sealer.add(part, *out); });
  }
  sealer.finish(*out);
  return out;
}

/// The file's number where its id is one.
std::uint64_t number_of(const std::string& id) {
  std::uint64_t out = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), out);
  return failure == std::errc() && end == id.data() + id.size() ? out : 0;
}

/// What a name must not have wherever it ends up: separators, control characters, a length that no disk takes.
std::string clean_file_name(std::string name) {
  std::erase_if(name,
                [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (name.size() > 200 || !code_points(name) || name == "." || name == "..") return {};
  return name;
}

/// Says what is wrong with an empty or too large one.
void check_size(Context& ctx, std::uint64_t size) {
  auto cipher = ctx.service<FileCipher>().lease();
  const std::uint64_t sealed = cipher->sealed_size(FilePurpose::attachment, size);
  auto store = ctx.service<FileStore>().lease();
  if (sealed > store->traits().max_file)
    throw Error(Code::invalid_argument, "A file of " + std::to_string(size) + " bytes is too large to be sent.",
                "Send a smaller one.");
}

/// The text of a message's content, for reading and for writing it again.
Content content_with_files(const StoredMessage& message) {
  Content content = decode_content(message.content);
  if (!std::holds_alternative<Text>(content.body))
    throw Error(Code::corrupt, "A message that waits for its files has none.", "Delete it.");
  return content;
}

}  // namespace

struct Uploads::Job {
  MessageId message = 0;
  std::string mailbox;
  std::int64_t ttl_ms = 0, sent_at_ms = 0;
  std::vector<Source> sources;
};

std::vector<Attachment> Uploads::check(Context& ctx, std::vector<DraftFile>& files) {
  if (files.size() > most_files)
    throw Error(Code::invalid_argument, "A message has at most 32 files, not " + std::to_string(files.size()) + ".",
                "Send them in several messages.");
  if (ctx.slots(FileStore::interface_id).empty() || ctx.slots(FileCipher::interface_id).empty())
    throw Error(Code::invalid_argument, "The plugins of this profile cannot send files.",
                "Use a transport and a crypto plugin that can: swarm or loopback, and session.");
  std::vector<Attachment> out;
  for (DraftFile& file : files) {
    std::uint64_t size = file.data.size();
    if (!file.path.empty()) {
      std::error_code failure;
      file.path = fs::absolute(file.path, failure);
      if (failure || !fs::is_regular_file(file.path, failure)) cannot_read(file.path, "there is no such file");
      size = fs::file_size(file.path, failure);
      if (failure) cannot_read(file.path, failure.message());
      if (!std::ifstream(file.path)) cannot_read(file.path, "it may not be read");
      if (file.name.empty()) file.name = file.path.filename().string();
    }
    check_size(ctx, size);
    Attachment pointer;
    pointer.size = static_cast<std::uint32_t>(size);
    pointer.file_name = clean_file_name(file.name);
    pointer.content_type = file.content_type.empty() ? "application/octet-stream" : file.content_type;
    if (pointer.content_type.size() > 100 || !code_points(pointer.content_type))
      throw Error(Code::invalid_argument, "The type of a file is no MIME type.", "Leave it out, or say image/png.");
    pointer.voice = file.voice;
    pointer.width = file.width;
    pointer.height = file.height;
    out.push_back(std::move(pointer));
  }
  return out;
}

void Uploads::put(Transaction& tx, const StoredMessage& message, std::vector<DraftFile> files, std::int64_t ttl_ms) {
  RecordWriter out;
  out.put(1, message.conversation);
  out.number(2, ttl_ms);
  out.number(3, message.sent_at_ms);
  for (std::size_t index = 0; index < files.size(); ++index) {
    const DraftFile& file = files[index];
    out.put(10, file.path.string());
    out.put(13, file.content_type);
    out.number(14, file.as_it_is);
    if (!file.path.empty()) {
      std::error_code failure;
      out.number(11, std::int64_t(fs::file_size(file.path, failure)));
      out.number(12, time_of_change(file.path, failure));
      continue;
    }
    out.number(11, std::int64_t(file.data.size()));
    const ByteView data(file.data);
    for (std::size_t at = 0, part = 0; at < data.size(); at += part_size, ++part)
      tx.put(files_owner, data_prefix(message.id, index) + padded(std::int64_t(part), 6),
             data.subspan(at, std::min(part_size, data.size() - at)));
  }
  tx.put(files_owner, job_key(message.id), out.take());
}

bool Uploads::waits(Transaction& tx, MessageId message) { return tx.get(files_owner, job_key(message)).has_value(); }

void Uploads::forget(Transaction& tx, MessageId message) {
  if (!waits(tx, message)) return;
  tx.erase(files_owner, job_key(message));
  for (const auto& [key, value] : tx.scan(files_owner, data_prefix(message))) tx.erase(files_owner, key);
}

void Uploads::wake() {
  if (!account_->open() && cancel_) cancel_->emit(asio::cancellation_type::terminal);
  doorbell_.ring();
}

void Uploads::cancel(MessageId message) {
  pauses_.erase(message);
  if (message == current_ && cancel_) cancel_->emit(asio::cancellation_type::terminal);
  doorbell_.ring();
}

void Uploads::hurry() {
  for (auto& [message, pause] : pauses_) pause.until = {};
  doorbell_.ring();
}

Task<> Uploads::run() {
  auto self = shared_from_this();
  Context& ctx = account_->ctx;
  while (account_->open()) {
    std::optional<Duration> look_again;
    std::optional<Job> job;
    std::optional<Error> trouble;
    try {
      job = next(look_again);
      if (job) {
        const Job now = *job;
        current_ = now.message;
        cancel_ = std::make_shared<asio::cancellation_signal>();
        auto cancel = cancel_;  // what ends this coroutine ends the upload too
        auto state = co_await asio::this_coro::cancellation_state;
        if (state.slot().is_connected())
          state.slot().assign([cancel](asio::cancellation_type type) { cancel->emit(type); });
        auto executor = co_await asio::this_coro::executor;
        Task<> working = work(now);
        auto token = asio::bind_cancellation_slot(cancel->slot(), asio::use_awaitable);
        co_await asio::co_spawn(executor, std::move(working), std::move(token));
      }
    } catch (const boost::system::system_error& error) {
      trouble = Error(Code::cancelled, "An upload was given up (" + error.code().message() + ").");
    } catch (...) {
      trouble = to_error(std::current_exception());
    }
    current_ = 0;
    if (!account_->open()) break;
    if (trouble && job) {
      try {
        failed(*job, *trouble);
      } catch (...) {  // a full disk, mostly
        ctx.warn("The files of a message wait: " + to_error(std::current_exception()).sentence());
        pauses_[job->message].until = ctx.uptime() + Outbox::usual_delay;
      }
    } else if (trouble) {
      look_again = ctx.uptime() + Outbox::first_delay;  // the storage is being exchanged
    }
    if (!job) co_await doorbell_.wait(look_again);
  }
}

std::optional<Uploads::Job> Uploads::next(std::optional<Duration>& look_again) {
  const Duration now = account_->ctx.uptime();
  auto tx = account_->store().begin();
  for (const auto& [key, value] : tx->scan(files_owner, "up/")) {
    Job job;
    std::from_chars(key.data() + 3, key.data() + key.size(), job.message);
    const auto message = tx->message(job.message);
    if (!message || message->state == MessageState::failed) continue;
    if (auto pause = pauses_.find(job.message); pause != pauses_.end() && pause->second.until > now) {
      look_again = std::min(look_again.value_or(pause->second.until), pause->second.until);
      continue;
    }
    read_record(value, [&job](std::uint8_t tag, ByteView field) {
      if (tag == 1) job.mailbox = text_of(field);
      if (tag == 2) job.ttl_ms = number_in(field);
      if (tag == 3) job.sent_at_ms = number_in(field);
      if (tag == 10) job.sources.emplace_back().path = text_of(field);
      if (tag == 11 && !job.sources.empty()) job.sources.back().size = std::uint64_t(number_in(field));
      if (tag == 13 && !job.sources.empty()) job.sources.back().type = text_of(field);
      if (tag == 14 && !job.sources.empty()) job.sources.back().as_it_is = number_in(field) != 0;
      if (tag == 12 && !job.sources.empty()) job.sources.back().changed = number_in(field);
    });
    return job;
  }
  return std::nullopt;
}

Task<> Uploads::work(Job job) {
  for (std::size_t index = 0; index < job.sources.size(); ++index) {
    Job copy = job;
    co_await upload(std::move(copy), index);
    if (!account_->open()) co_return;
  }
  finish(job);
}

Task<> Uploads::upload(Job job, std::size_t index) {
  Context& ctx = account_->ctx;
  Source source = job.sources[index];
  Bytes data;
  MediaItem item;
  {
    auto tx = account_->store().begin();
    const auto message = tx->message(job.message);
    if (!message) throw Error(Code::cancelled, "The message was deleted.");
    const Content content = content_with_files(*message);
    const auto& pointers = std::get<Text>(content.body).attachments;
    if (index >= pointers.size() || !pointers[index].url.empty()) co_return;  // it is there already
    item.file_name = pointers[index].file_name;
    item.content_type = source.type;
    if (source.path.empty())
      for (const auto& [key, part] : tx->scan(files_owner, data_prefix(job.message, index)))
        data.insert(data.end(), part.begin(), part.end());
  }
  std::optional<Prepared> prepared;
  if (!source.as_it_is && prepares_media(ctx)) {
    if (!source.path.empty()) {
      auto read = [&] { read_file(source, [&](ByteView part) { data.insert(data.end(), part.begin(), part.end()); }); };
      co_await ctx.offload(std::move(read));
    }
    item.data = std::move(data);
    prepared = co_await prepare_item(ctx, std::move(item));
    if (!account_->open()) co_return;
    data = std::move(prepared->item.data);
    source.path.clear();
    source.size = data.size();
    check_size(ctx, source.size);
  }
  std::shared_ptr<const Bytes> sealed;
  FileKey key;
  {
    auto cipher = ctx.service<FileCipher>().lease();
    const std::uint64_t size = cipher->sealed_size(FilePurpose::attachment, source.size);
    const std::unique_ptr<FileSealer> sealer = cipher->seal(FilePurpose::attachment, source.size);
    auto work = [&] { return encrypt(*sealer, source, data, size); };
    std::shared_ptr<Bytes> made = co_await ctx.offload(std::move(work));
    sealed = std::move(made);
    key = sealer->key();
  }
  data = {};
  FileProgress progress = watch_transfer(account_, job.message, job.mailbox, index, true);
  KeptFile kept;
  {
    auto store = ctx.service<FileStore>().lease();
    kept = co_await store->upload(std::move(sealed), Duration(0), std::move(progress));
  }
  if (!account_->open()) co_return;
  auto tx = account_->store().begin();
  auto message = tx->message(job.message);
  if (!message) throw Error(Code::cancelled, "The message was deleted.");
  FileUrl url = FileUrl::parse(kept.url);
  url.stream = key.stream;
  Content content = content_with_files(*message);
  Attachment& pointer = std::get<Text>(content.body).attachments.at(index);
  if (prepared) {
    pointer.size = static_cast<std::uint32_t>(source.size);
    pointer.file_name = clean_file_name(prepared->item.file_name);
    pointer.content_type = prepared->item.content_type;
    if (prepared->width) {
      pointer.width = prepared->width;
      pointer.height = prepared->height;
    }
  }
  pointer.id = number_of(url.id);
  pointer.url = url.text();
  pointer.key = std::move(key.key);
  pointer.digest = std::move(key.digest);
  message->content = encode(std::move(content));
  append_step(message->trace, "uploaded", ctx.now(),
              "file " + std::to_string(index + 1) + " of " + std::to_string(job.sources.size()) + " to " + url.host);
  tx->update(*message);
  tx->commit();
  pauses_.erase(job.message);
}

void Uploads::finish(const Job& job) {
  auto tx = account_->store().begin();
  auto message = tx->message(job.message);
  if (!message) return;
  forget(*tx, job.message);
  OutboxEntry entry;
  entry.message = job.message;
  entry.mailbox = job.mailbox;
  entry.ttl_ms = job.ttl_ms;
  entry.next_attempt_ms = to_ms(account_->ctx.now());
  tx->put(entry);
  message->failure.clear();
  tx->update(*message);
  tx->commit();
  outbox_->added();
  outbox_->wake();
  account_->emit(Event::Kind::message_changed, std::move(*message));
}

void Uploads::failed(const Job& job, const Error& error) {
  Context& ctx = account_->ctx;
  auto tx = account_->store().begin();
  auto message = tx->message(job.message);
  if (!message) return;
  const bool again = error.code() == Code::unavailable || error.code() == Code::timeout;
  if (error.code() == Code::cancelled) {  // a swap, or the message was taken back meanwhile
    pauses_[job.message].until = ctx.uptime() + Outbox::first_delay;
    return;
  }
  const bool expired = to_ms(ctx.now()) - job.sent_at_ms > job.ttl_ms;
  message->failure = error.sentence();
  if (again && !expired) {
    Pause& pause = pauses_[job.message];
    ++pause.attempts;
    pause.until = ctx.uptime() + Outbox::backoff(pause.attempts, double(ctx.random_below(1000)) / 1000);
    if (std::has_single_bit(unsigned(pause.attempts)))
      append_step(message->trace, "waiting", ctx.now(), message->failure);
  } else {
    pauses_.erase(job.message);
    append_step(message->trace, "failed", ctx.now(), message->failure);
    message->state = MessageState::failed;
  }
  tx->update(*message);
  tx->commit();
  account_->emit(Event::Kind::message_changed, std::move(*message));
}

void tell_transfer(Account& account, MessageId message, const std::string& conversation, FileTransfer transfer) {
  account.events.emit([&] {
    Event event;
    event.kind = Event::Kind::file_moved;
    event.account = account.id();
    event.message.id = message;
    event.message.account = account.id();
    event.message.conversation = AccountId::parse(conversation);
    event.transfer = transfer;
    return event;
  });
}

FileProgress watch_transfer(std::shared_ptr<Account> account, MessageId message, std::string conversation,
                            std::size_t index, bool upload) {
  return [account = std::move(account), message, conversation = std::move(conversation), index, upload,
          last = std::uint64_t(0)](std::uint64_t done, std::uint64_t total) mutable {
    const bool whole = total && done == total;
    if (!whole && done && done < last + 64 * 1024) return;
    last = done;
    FileTransfer transfer;
    transfer.index = index;
    transfer.upload = upload;
    transfer.done = done;
    transfer.total = total;
    tell_transfer(*account, message, conversation, transfer);
  };
}

}  // namespace argot::kernel
