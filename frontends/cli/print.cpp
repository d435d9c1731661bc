#include "print.h"

#include <argot/doorbell.h>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <map>

namespace argot::cli {

namespace json = boost::json;

std::string clock_text(Time at) { return fmt::format("{:%H:%M:%S}", std::chrono::floor<std::chrono::seconds>(at)); }

std::string name_of(MessageState state) {
  // Of what one sent oneself, "read" means by the other.
  constexpr std::string_view names[] = {"queued", "sending", "sent", "failed", "received", "read"};
  return std::string(names[std::size_t(state)]);
}

namespace {

std::string name_of(Message::Kind kind) {
  switch (kind) {
    case Message::Kind::text: return "text";
    case Message::Kind::deleted: return "deleted";
    case Message::Kind::timer_changed: return "timer_changed";
    case Message::Kind::screenshot: return "screenshot";
    case Message::Kind::media_saved: return "media_saved";
    case Message::Kind::call: return "call";
  }
  return "unknown";
}

std::string name_of(Message::Call call) {
  constexpr std::string_view names[] = {"missed", "declined", "answered"};
  return std::string(names[std::size_t(call)]);
}

json::object timer_json(const Disappearing& timer) {
  if (!timer.on()) return {{"mode", "off"}};
  return {{"mode", timer.mode == Disappearing::Mode::after_send ? "after_send" : "after_read"},
          {"seconds", timer.seconds}};
}

/// As it may stand in a terminal: what others wrote must not move the cursor, recolour the screen, turn the direction
/// of writing, or begin a line that looks like another message.
std::string shown(std::string_view text, std::string_view indent) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0u;
    const auto third = i + 2 < text.size() ? static_cast<unsigned char>(text[i + 2]) : 0u;
    // U+202A to U+202E and U+2066 to U+2069; the marks that only hint a direction are harmless.
    const bool turns = c == 0xe2 && ((next == 0x80 && third >= 0xaa && third <= 0xae) ||
                                     (next == 0x81 && third >= 0xa6 && third <= 0xa9));
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f || (c == 0xc2 && next >= 0x80 && next < 0xa0);
    if (c == '\n' && !indent.empty()) {
      out += indent;
    } else if (control || turns) {
      out += "\uFFFD";
      i += turns ? 2 : c == 0xc2 ? 1 : 0;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// The text, in which people are called by their names.
std::string text_of(const Message& m) {
  constexpr std::size_t length = 67;
  constexpr std::string_view indent = "\n          ";
  const std::string_view text = m.text;
  std::string out;
  std::size_t at = 0;
  for (const Mention& mention : m.mentions) {
    out += shown(text.substr(at, mention.offset - at), indent);
    out += "@" + (mention.name.empty() ? mention.id.brief() : shown(mention.name, ""));
    at = mention.offset + length;
  }
  return out + shown(text.substr(at), indent);
}

/// What stands where a text would.
std::string line_of(const Message& m) {
  switch (m.kind) {
    case Message::Kind::deleted: return "(taken back)";
    case Message::Kind::timer_changed:
      if (!m.timer.on()) return "(messages no longer disappear)";
      return fmt::format("(messages disappear {} s after {})", m.timer.seconds,
                         m.timer.mode == Disappearing::Mode::after_send ? "sending" : "reading");
    case Message::Kind::screenshot: return "(took a screenshot)";
    case Message::Kind::media_saved: return "(saved a file)";
    case Message::Kind::call:
      return m.call == Message::Call::missed ? "(missed call)" : "(call, " + name_of(m.call) + " on another device)";
    default: break;
  }
  std::string out = text_of(m);
  if (m.quote) {
    const std::string text = m.quote->text.empty() ? "a message that is not here" : shown(m.quote->text, "");
    out = "[> " + text + "] " + out;
  }
  for (std::size_t i = 0; i < m.attachments.size(); ++i) {
    const Attachment& file = m.attachments[i];
    out += fmt::format("  [file {}: {}, {} KiB]", i + 1, file.file_name.empty() ? "no name" : shown(file.file_name, ""),
                       (file.size + 1023) / 1024);
  }
  for (const Preview& p : m.previews)
    if (!p.title.empty()) out += "  [link: " + shown(p.title, "") + "]";
  if (m.edited_at > Time{}) out += "  (edited)";
  std::map<std::string, int> counts;
  for (const Reacted& r : m.reactions) ++counts[shown(r.emoji, "")];
  for (const auto& [emoji, count] : counts) out += fmt::format("  {}{}", emoji, count > 1 ? std::to_string(count) : "");
  return out;
}

}  // namespace

void print_message(bool as_json, const Message& m) {
  if (as_json) {
    json::object o{{"id", m.id},
                   {"account", m.account.text()},
                   {"conversation", m.conversation.text()},
                   {"author", m.author.text()},
                   {"sent_at_ms", to_ms(m.sent_at)},
                   {"direction", m.direction == Direction::outgoing ? "outgoing" : "incoming"},
                   {"state", name_of(m.state)},
                   {"kind", name_of(m.kind)},
                   {"text", m.text},
                   {"suite", m.suite},
                   {"failure", m.failure}};
    if (m.quote)
      o["quote"] = json::object{
          {"author", m.quote->author.text()}, {"sent_at_ms", to_ms(m.quote->sent_at)}, {"text", m.quote->text}};
    json::array reactions;
    for (const Reacted& r : m.reactions)
      reactions.push_back(json::object{{"author", r.author.text()}, {"emoji", r.emoji}, {"at_ms", to_ms(r.at)}});
    o["reactions"] = std::move(reactions);
    json::array files;
    for (const Attachment& a : m.attachments)
      files.push_back(json::object{{"name", a.file_name},
                                   {"content_type", a.content_type},
                                   {"size", a.size},
                                   {"voice", a.voice},
                                   {"uploaded", !a.url.empty()}});
    if (!files.empty()) o["files"] = std::move(files);
    json::array mentions;
    for (const Mention& n : m.mentions)
      mentions.push_back(json::object{{"offset", n.offset}, {"id", n.id.text()}, {"name", n.name}});
    if (!mentions.empty()) o["mentions"] = std::move(mentions);
    if (m.mentions_me) o["mentions_me"] = true;
    json::array previews;
    for (const Preview& p : m.previews) previews.push_back(json::object{{"url", p.url}, {"title", p.title}});
    if (!previews.empty()) o["previews"] = std::move(previews);
    if (m.kind == Message::Kind::call) o["call"] = name_of(m.call);
    if (m.edited_at > Time{}) o["edited_at_ms"] = to_ms(m.edited_at);
    if (m.expires_at > Time{}) o["expires_at_ms"] = to_ms(m.expires_at);
    if (m.kind == Message::Kind::timer_changed || m.timer.on()) o["disappearing"] = timer_json(m.timer);
    fmt::print("{}\n", json::serialize(o));
    return;
  }
  fmt::print("{:>6}  {}  {} {}  {}{}{}\n", m.id, clock_text(m.sent_at),
             m.direction == Direction::outgoing ? "to  " : "from", m.conversation.brief(), line_of(m),
             m.direction == Direction::outgoing && m.state == MessageState::read ? "  (read)" : "",
             m.state == MessageState::failed ? "  (not sent: " + m.failure + ")" : "");
}

void print_transfer(const Event& event) {
  const FileTransfer& t = event.transfer;
  fmt::print("{}\n", json::serialize(json::object{{"transfer", t.upload ? "upload" : "download"},
                                                  {"message", event.message.id},
                                                  {"file", t.index + 1},
                                                  {"done", t.done},
                                                  {"total", t.total}}));
}

void print_typing(const Event& event) {
  fmt::print("{}\n", json::serialize(json::object{{"typing", event.conversation.peer.text()},
                                                  {"until_ms", to_ms(event.typing_until)}}));
}

void print_conversation(bool as_json, const Conversation& c) {
  if (as_json)
    fmt::print("{}\n", json::serialize(json::object{{"peer", c.peer.text()},
                                                    {"name", c.name},
                                                    {"unread", c.unread},
                                                    {"approved", c.approved},
                                                    {"approved_by_peer", c.approved_by_peer},
                                                    {"blocked", c.blocked},
                                                    {"pinned", c.keeping.pinned},
                                                    {"muted", c.keeping.muted},
                                                    {"archived", c.keeping.archived},
                                                    {"marked_unread", c.keeping.marked_unread},
                                                    {"verified", c.keeping.verified},
                                                    {"declined", c.declined},
                                                    {"profile_name", c.profile_name},
                                                    {"disappearing", timer_json(c.timer)},
                                                    {"last_active_ms", to_ms(c.last_active)}}));
  else
    fmt::print("{}  {:>4} unread  {}{}{}\n", c.peer.text(), c.unread,
               shown(c.name.empty() ? c.profile_name : c.name, ""), c.blocked ? "  (blocked)" : "",
               !c.approved && c.approved_by_peer ? "  (request)" : "");
}

void print_trace(bool as_json, const std::vector<TraceStep>& steps) {
  for (const TraceStep& step : steps) {
    if (as_json)
      fmt::print("{}\n",
                 json::serialize(json::object{
                     {"stage", step.stage}, {"at_us", step.at.time_since_epoch().count()}, {"detail", step.detail}}));
    else
      fmt::print("    {} {:>9.1f} ms  {:<8} {}\n", clock_text(step.at),
                 std::chrono::duration<double, std::milli>(step.at - steps.front().at).count(), step.stage,
                 step.detail);
  }
}

Task<std::optional<Message>> wait_for(kernel::Kernel& kernel, AccountId account, MessageId id, double seconds) {
  Context& ctx = kernel.host().context("messenger", "messenger");
  auto messenger = kernel.service<Messenger>().lease();
  Doorbell bell(ctx);
  auto subscription = messenger->subscribe([&](const Event&) { bell.ring(); });
  const Duration end = ctx.uptime() + Duration(std::int64_t(seconds * 1e6));
  while (ctx.uptime() < end) {
    auto message = messenger->find(account, id);
    if (message && (message->state == MessageState::sent || message->state == MessageState::failed ||
                    message->state == MessageState::read))
      co_return message;
    co_await bell.wait(end);
  }
  co_return std::nullopt;
}

Task<bool> wait_for_outbox(kernel::Kernel& kernel, AccountId account, double seconds) {
  Context& ctx = kernel.host().context("messenger", "messenger");
  auto messenger = kernel.service<Messenger>().lease();
  const Duration end = ctx.uptime() + Duration(std::int64_t(seconds * 1e6));
  while (messenger->waiting(account) > 0) {
    if (ctx.uptime() >= end) co_return false;
    co_await ctx.sleep(std::chrono::milliseconds(20));
  }
  co_return true;
}

}  // namespace argot::cli
