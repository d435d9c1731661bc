// Cases of what a node keeps: a database in memory, driven by the steps that the cases tell in words.
#include <algorithm>
#include <regex>

#include "database.h"
#include "methods.h"
#include "vector_groups.h"

namespace argot::node::cases {
namespace {

using boost::json::array;
using vectors::Expectation;

constexpr std::int64_t t0 = 1'700'000'000'000;
const Fixed<33> account_bytes = [] {
  Fixed<33> bytes{};
  bytes[0] = AccountId::person;
  return bytes;
}();

/// A name of a case ("a", "missing") as a message hash: 43 characters that sort as the name does.
std::string hash_of(std::string_view name) {
  std::string hash(name);
  hash.resize(43, '+');
  return hash;
}

/// Interprets the steps of a storage_semantics case.
class Story {
 public:
  explicit Story(const Object& inputs) {
    for (const auto& step : inputs.at("steps").as_array()) known_ = known_ && tell(std::string(step.as_string()));
  }
  bool known() const { return known_; }

  Outcome compare(const Object& expected_object) {
    Expectation expected(expected_object);
    const auto left = db_.page(account_, ns_, "", retrieve_limits(0, -1));
    if (const auto* messages = expected_object.if_contains("messages"); messages && messages->is_array()) {
      array texts;
      for (const auto& row : left.rows) texts.push_back(boost::json::string(text_of(row.data)));
      expected.value("messages", texts);
      expected.text("timestamp", left.rows.at(0).timestamp == t0 + 1 ? "ts+1" : "ts");
    } else {
      expected.number("messages", left.rows.size());
      if (expected.wants("timestamp"))
        expected.text("timestamp", left.rows.at(0).timestamp == t0 ? "unchanged" : "changed");
    }
    if (expected.wants("expiry"))
      expected.text("expiry", "T+" + std::to_string((left.rows.at(0).expiry - t0) / 1000) + "s");
    array remaining;
    for (const auto& row : left.rows) remaining.push_back(boost::json::string(row.hash.substr(0, row.hash.find('+'))));
    expected.value("remaining", remaining);
    if (last_) {
      expected.text("second_result", *last_ == Database::Stored::extended ? "extended"
                                     : *last_ == Database::Stored::exists ? "exists"
                                                                          : "fresh");
      expected.value("reply_already", *last_ != Database::Stored::fresh);
    }
    expected.number("returned", page_.rows.size());
    expected.value("more", page_.more);
    return expected.result();
  }

 private:
  void put(const std::string& name, std::int64_t time, std::int64_t expiry, std::string_view data) {
    last_ = db_.store(account_, ns_, hash_of(name), time, expiry, view(data)).kind;
  }

  bool tell(const std::string& step) {
    static const std::regex with_expiry(R"(store hash (\w+) expiry T\+(\d+)s)"), many(R"(store (\d+))"),
        outbox(R"re(store ns (-?\d+) "([^"]*)" at ts(\+(\d+))?)re"), expiring(R"(store (\w+) exp now(\+(\d+)s)?)"),
        clean(R"(clean after (\d+) ms)"), by_count(R"(retrieve max_count (\d+))"), after(R"(retrieve last_hash=(\w+))");
    const auto number = [](const std::string& digits) { return digits.empty() ? 0 : std::stoll(digits); };
    std::smatch m;
    if (std::regex_match(step, m, with_expiry)) {
      put(m[1], t0 + calls_++, t0 + 1000 * number(m[2]), "text");
    } else if (std::regex_match(step, m, many)) {
      for (long long i = 0; i < number(m[1]); ++i) put("m" + std::to_string(i), t0, t0 + day, "text");
    } else if (std::regex_match(step, m, outbox)) {
      ns_ = static_cast<std::int16_t>(number(m[1]));
      put(m[2].str().substr(4), t0 + number(m[4]), t0 + day, m[2].str());
    } else if (std::regex_match(step, m, expiring)) {
      put(m[1], t0, t0 + 1000 * number(m[3]), "text");
    } else if (std::regex_match(step, m, clean)) {
      db_.remove_expired(t0 + number(m[1]), 1000);
    } else if (std::regex_match(step, m, by_count)) {
      page_ = db_.page(account_, ns_, "", retrieve_limits(number(m[1]), 0));
    } else if (std::regex_match(step, m, after)) {
      page_ = db_.page(account_, ns_, hash_of(m[1].str()), retrieve_limits(0, 0));
    } else {
      return false;
    }
    return true;
  }

  static constexpr std::int64_t day = 86'400'000;
  Database db_{":memory:", 1 << 26};
  const AccountId account_{account_bytes};
  std::int16_t ns_ = 0;
  std::int64_t calls_ = 0;
  std::optional<Database::Stored> last_;
  Database::Page page_;
  bool known_ = true;
};

std::int64_t seconds(const boost::json::value& value) { return value.to_number<std::int64_t>(); }

Call expire_call(const Object& request, const AccountId& account) {
  Call call;
  if (request.contains("method")) {
    ExpireAll c;
    c.auth.account = account;
    c.ns = 0;
    c.expiry = t0 + 1000 * seconds(request.at("expiry"));
    call.params = c;
    return call;
  }
  Expire c;
  c.auth.account = account;
  for (const auto& name : request.at("messages").as_array())
    c.messages.push_back(hash_of(std::string_view(name.as_string())));
  c.expiries = {t0 + 1000 * seconds(request.at("expiry"))};
  if (request.contains("shorten")) c.mode = Expire::Mode::shorten;
  if (request.contains("extend")) c.mode = Expire::Mode::extend;
  call.params = c;
  return call;
}

}  // namespace

Outcome retrieve_window(const Object& inputs, const Object& expected_object) {
  const AccountId account(account_bytes);
  Database db(":memory:", 1 << 26);
  const Bytes data(vectors::number(inputs, "message_size"));
  const auto count = vectors::number(inputs, "messages_after_last_hash");
  db.store(account, 0, hash_of("before"), t0, t0, {});
  for (std::uint64_t i = 0; i < count; ++i) db.store(account, 0, hash_of("m" + std::to_string(i)), t0, t0, data);
  const auto limit = [&](std::string_view key) {
    const auto* value = inputs.if_contains(key);
    return value ? value->to_number<std::int64_t>() : 0;
  };
  const auto page = db.page(account, 0, hash_of("before"), retrieve_limits(limit("max_count"), limit("max_size")));
  Expectation expected(expected_object);
  expected.number("returned", page.rows.size());
  expected.value("more", page.more);
  return expected.result();
}

Outcome storage_semantics(const Object& inputs, const Object& expected) {
  Story story(inputs);
  if (!story.known()) return std::nullopt;
  return story.compare(expected);
}

Outcome expire_semantics(const Object& inputs, const Object& expected_object) {
  const AccountId account(account_bytes);
  const NodeKeys keys(Bytes(32, 7));
  Database db(":memory:", 1 << 26);
  for (const auto& [name, expiry] : inputs.at("initial_expiry_s_from_now").as_object())
    db.store(account, 0, hash_of(name), t0, t0 + 1000 * seconds(expiry), view(std::string_view(name)));
  const auto entry = perform(expire_call(inputs.at("request").as_object(), account), db, keys, t0);
  const auto name_of = [](std::string_view hash) { return std::string(hash.substr(0, hash.find('+'))); };

  Expectation expected(expected_object);
  array updated;
  for (const auto& hash : entry.at("updated").as_array())
    updated.push_back(boost::json::string(name_of(hash.as_string())));
  expected.value("updated", updated);
  Object unchanged, after;
  if (const auto* stayed = entry.if_contains("unchanged"))
    for (const auto& [hash, expiry] : stayed->as_object()) unchanged[name_of(hash)] = (seconds(expiry) - t0) / 1000;
  expected.value("unchanged", unchanged);
  expected.value("unchanged_field_present", entry.contains("unchanged"));
  for (const auto& [name, expiry] : inputs.at("initial_expiry_s_from_now").as_object())
    after[name] = (db.expiry_of(account, hash_of(name)).value() - t0) / 1000;
  expected.value("after", after);
  if (expected.wants("applied_expiry_s_from_now"))
    expected.value("applied_expiry_s_from_now", (seconds(entry.at("expiry")) - t0) / 1000);
  return expected.result();
}

}  // namespace argot::node::cases
