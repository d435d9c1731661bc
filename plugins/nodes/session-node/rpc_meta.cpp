#include "rpc_meta.h"

#include "rpc.h"

namespace argot::node {
namespace {

constexpr std::size_t max_subrequests = 20;

struct Subrequest {
  std::string_view method;
  const json::object* params;
};

std::optional<Subrequest> subrequest(const json::object& request) {
  const json::value* method = request.if_contains("method");
  const json::value* params = request.if_contains("params");
  if (!method || !method->is_string() || !params || !params->is_object()) return std::nullopt;
  return Subrequest{method->get_string(), &params->get_object()};
}

bool is_meta(std::string_view method) { return method == "batch" || method == "sequence" || method == "ifelse"; }

std::shared_ptr<const Call> branch(const json::object& params, std::string_view name) {
  const json::value* value = params.if_contains(name);
  if (!value || value->is_null()) return nullptr;
  const std::string complaint = "Invalid ifelse request: " + std::string(name);
  if (!value->is_object()) invalid(complaint + " must be an object");
  const auto request = subrequest(value->get_object());
  if (!request) invalid(complaint + " must have method/params keys");
  if (!is_plain_method(request->method) && !is_meta(request->method))
    invalid("Invalid ifelse request method \"" + std::string(name) + "\"");
  return std::make_shared<const Call>(parse_call(request->method, *request->params));
}

/// A version as it is compared: short ones are filled with zeros, what is too much is ignored.
template <std::size_t N>
std::optional<std::array<std::int64_t, N>> version(const Fields& fields, std::string_view name) {
  const auto given = fields.numbers(name);
  if (!given) return std::nullopt;
  std::array<std::int64_t, N> out{};
  std::copy_n(given->begin(), std::min(N, given->size()), out.begin());
  return out;
}

}  // namespace

Batch read_batch(const json::object& params, bool sequential) {
  const json::value* requests = params.if_contains("requests");
  if (!requests || !requests->is_array() || requests->get_array().empty())
    invalid("Invalid batch request: no valid \"requests\" field");
  if (requests->get_array().size() > max_subrequests) invalid("Invalid batch request: subrequest limit exceeded");
  Batch batch;
  batch.sequential = sequential;
  for (const json::value& value : requests->get_array()) {
    if (!value.is_object()) invalid("Invalid batch request: requests must be objects");
    const auto request = subrequest(value.get_object());
    if (!request) invalid("Invalid batch request: subrequests must have method/params keys");
    if (is_meta(request->method)) invalid("Invalid batch subrequest: subrequests may not contain meta-requests");
    if (!is_plain_method(request->method))
      invalid("Invalid batch subrequest: invalid method \"" + std::string(request->method.substr(0, 200)) + "\"");
    batch.calls.push_back(std::make_shared<const Call>(parse_call(request->method, *request->params)));
  }
  return batch;
}

IfElse read_ifelse(const json::object& params) {
  const json::value* condition = params.if_contains("if");
  if (!condition || !condition->is_object()) invalid("Invalid ifelse request: no valid \"if\" field");
  IfElse call;
  call.condition = read_condition(condition->get_object());
  call.then = branch(params, "then");
  call.otherwise = branch(params, "else");
  if (!call.then && !call.otherwise) invalid("Invalid ifelse request: at least one of \"then\"/\"else\" required");
  return call;
}

Condition read_condition(const json::object& object) {
  const Fields fields(object, Encoding::json);
  Condition c;
  c.hf_at_least = version<2>(fields, "hf_at_least");
  c.hf_before = version<2>(fields, "hf_before");
  c.v_at_least = version<3>(fields, "v_at_least");
  c.v_before = version<3>(fields, "v_before");
  c.height_at_least = fields.number("height_at_least");
  c.height_before = fields.number("height_before");
  if (!c.hf_at_least && !c.hf_before && !c.v_at_least && !c.v_before && !c.height_at_least && !c.height_before)
    invalid("Invalid ifelse request: must specify at least one \"if\" condition");
  return c;
}

bool holds(const Condition& c, const Facts& facts) {
  return (!c.hf_at_least || facts.hf >= *c.hf_at_least) && (!c.hf_before || facts.hf < *c.hf_before) &&
         (!c.v_at_least || facts.version >= *c.v_at_least) && (!c.v_before || facts.version < *c.v_before) &&
         (!c.height_at_least || facts.height >= *c.height_at_least) &&
         (!c.height_before || facts.height < *c.height_before);
}

}  // namespace argot::node
