#pragma once
// A client's call with typed parameters, as the parser leaves it: formats are right, nothing else is
// known yet (storage_node.md sections 4, 5 and 9). All times are unix milliseconds.
#include <argot/identity.h>

#include <boost/json/value.hpp>

#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace argot::node {

/// Why a call is not carried out: what the caller gets to see.
class Refused : public std::runtime_error {
 public:
  Refused(unsigned status, const std::string& text) : std::runtime_error(text), status_(status) {}
  unsigned status() const { return status_; }

 private:
  unsigned status_;
};

using Token = Fixed<36>;  ///< netid, flags, 00 00, ed25519 key (section 7)
using Signature = Fixed<64>;
/// A namespace, or nothing for "all".
using NamespaceOrAll = std::optional<std::int16_t>;

struct Subaccount {
  Token token{};
  Signature owner_signature{};  ///< the owner's, over the token
};

/// Whom a call is about and who says to be entitled to it. Verified by auth.h, not by the parser.
struct Auth {
  AccountId account;
  std::optional<Fixed<32>> ed25519;  ///< only with network byte 05
  std::optional<Subaccount> subaccount;
  std::optional<Signature> signature;
};

struct Store {
  Auth auth;
  std::int64_t timestamp = 0, expiry = 0, sig_timestamp = 0;
  std::int16_t ns = 0;
  Bytes data;
};
struct Retrieve {
  Auth auth;
  std::int16_t ns = 0;
  std::optional<std::int64_t> timestamp;  ///< present when auth.signature is
  std::string last_hash;                  ///< empty: from the start
  std::int64_t max_count = 0;             ///< 0 or less: no limit
  std::int64_t max_size = 0;              ///< as given; see retrieve_limits()
  std::optional<std::int64_t> wait_ms;    ///< our extension: how long to hold an empty answer (waiting.h)
};
struct Delete {
  Auth auth;
  std::vector<std::string> messages;
  bool required = false;
};
struct DeleteAll {
  Auth auth;
  NamespaceOrAll ns;
  std::int64_t timestamp = 0;
};
struct DeleteBefore {
  Auth auth;
  NamespaceOrAll ns;
  std::int64_t before = 0;
};
struct ExpireAll {
  Auth auth;
  NamespaceOrAll ns;
  std::int64_t expiry = 0;
};
struct Expire {
  enum class Mode { set, shorten, extend };
  Auth auth;
  std::vector<std::string> messages;
  std::vector<std::int64_t> expiries;  ///< one, or one for each message
  Mode mode = Mode::set;
};
struct GetExpiries {
  Auth auth;
  std::vector<std::string> messages;
  std::int64_t timestamp = 0;
};
struct Revoke {
  Auth auth;
  std::vector<Token> tokens;
  std::int64_t timestamp = 0;
  bool undo = false;  ///< unrevoke_subaccount
};
struct GetSwarm {
  AccountId account;
};
struct Info {};
struct ActiveNodes {};  ///< active_nodes_bin (section 16)
struct OxendRequest {
  std::string endpoint;
  boost::json::value params;
};

struct Call;
struct Batch {
  std::vector<std::shared_ptr<const Call>> calls;
  bool sequential = false;
};

/// What an ifelse asks of the node; bounds that were not given always hold.
struct Condition {
  std::optional<std::array<std::int64_t, 2>> hf_at_least, hf_before;
  std::optional<std::array<std::int64_t, 3>> v_at_least, v_before;
  std::optional<std::int64_t> height_at_least, height_before;
};
struct IfElse {
  Condition condition;
  std::shared_ptr<const Call> then, otherwise;  ///< at least one
};

struct Call {
  std::string method;
  std::variant<Info, Store, Retrieve, Delete, DeleteAll, DeleteBefore, ExpireAll, Expire, GetExpiries, Revoke, GetSwarm,
               OxendRequest, ActiveNodes, Batch, IfElse>
      params;
};

/// The authentication of a call, or null for methods without one.
inline const Auth* auth_of(const Call& call) {
  return std::visit(
      [](const auto& params) -> const Auth* {
        if constexpr (requires { params.auth; })
          return &params.auth;
        else
          return nullptr;
      },
      call.params);
}

/// Carried out by every member of the swarm (section 10).
inline bool is_recursive(const Call& call) {
  return auth_of(call) && !std::holds_alternative<Retrieve>(call.params) &&
         !std::holds_alternative<GetExpiries>(call.params);
}

}  // namespace argot::node
