#pragma once
// The fields that say whom a call is about and who signed it (storage_node.md section 4).
#include "fields.h"
#include "namespaces.h"

namespace argot::node {

enum class Aliases { none, allowed };  ///< whether "pubKey" is accepted too
enum class SignatureNeed { required, optional };

/// `length` is the end of the complaint: get_swarm words it in its own way.
AccountId read_account(const Fields& fields, Aliases aliases,
                       std::string_view length = "66 hex digits (33 bytes) long");

/// 36 bytes: 48 base64 characters or 72 hex digits in JSON, raw in bencode. Nothing when it is none of these.
std::optional<Token> read_token(std::string_view text, Encoding encoding);

Auth read_auth(const Fields& fields, Aliases aliases = Aliases::none, SignatureNeed need = SignatureNeed::required);

}  // namespace argot::node
