#include <kernel/control/control.h>

#include <kernel/control/line_stream.h>

#include <argot/network.h>

#include <algorithm>

namespace argot::kernel {
namespace {

namespace json = boost::json;
constexpr std::size_t most_connections = 16;

std::string text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value) return {};
  if (!value->is_string())
    throw Error(Code::invalid_argument, "The parameter \"" + std::string(key) + "\" must be a text.",
                "Correct the call.");
  return std::string(value->as_string());
}

std::int64_t number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (!value) return 0;
  if (!value->is_int64())
    throw Error(Code::invalid_argument, "The parameter \"" + std::string(key) + "\" must be a whole number.",
                "Correct the call.");
  return value->as_int64();
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  const json::value* value = object.if_contains(key);
  if (!value) return out;
  const auto is_text = [](const json::value& item) { return item.is_string(); };
  if (!value->is_array() || !std::ranges::all_of(value->as_array(), is_text))
    throw Error(Code::invalid_argument, "The parameter \"" + std::string(key) + "\" must be a list of texts.",
                "Correct the call.");
  for (const json::value& item : value->as_array()) out.emplace_back(item.as_string());
  return out;
}

json::object error_object(const Error& error) {
  return {{"code", name_of(error.code())}, {"message", error.what()}, {"remedy", error.remedy()}};
}

/// A component that others do not call: it only listens.
struct Control final : Plugin {
  explicit Control(Host& host) : host_(host) {}
  void* interface(std::string_view) noexcept override { return nullptr; }

  Task<> start(Context& ctx) override {
    ctx_ = &ctx;
    const std::string address = control_address(host_.profile().data);
    try {
      auto network = ctx.service<Network>().lease();
      listener_ = co_await network->listen(address);
    } catch (...) {
      ctx.warn("This kernel cannot be controlled from outside: " + to_error(std::current_exception()).sentence());
      co_return;
    }
    ctx.info("Answers calls at " + address + ".");
    ctx.spawn("listening for control", accept());
  }
  Task<> stop() override {
    if (listener_) listener_->close();
    for (auto& stream : open_) stream->close();
    co_return;
  }

 private:
  Task<> accept() {
    try {
      for (;;) {
        Stream stream = co_await listener_->accept();
        auto lines = std::make_shared<LineStream>(std::move(stream));
        if (open_.size() >= most_connections) {
          const Error full(Code::resource_exhausted,
                           "This kernel has " + std::to_string(most_connections) + " control connections already.",
                           "Close one of them.");
          co_await refuse(lines, full);
          continue;
        }
        open_.insert(lines);
        ctx_->spawn("a control connection", serve(lines));
      }
    } catch (const Error& error) {
      if (error.code() != Code::cancelled) throw;
    }
  }

  Task<> serve(std::shared_ptr<LineStream> lines) {
    std::optional<Error> failure;
    try {
      while (auto line = co_await lines->read()) {
        json::object answer = co_await answer_to(std::move(*line));
        std::string text = json::serialize(answer);
        co_await lines->write(std::move(text));
      }
    } catch (const boost::system::system_error&) {
      // the other side has gone
    } catch (const Error& error) {
      failure = error;
    }
    if (failure) {
      ctx_->info("A control connection was ended: " + failure->sentence());
      co_await refuse(lines, *failure);
    }
    lines->close();
    open_.erase(lines);
  }

  /// Says why, and closes.
  Task<> refuse(std::shared_ptr<LineStream> lines, Error error) {
    std::string text = json::serialize(json::object{{"error", error_object(error)}});
    try {
      co_await lines->write(std::move(text));
    } catch (const boost::system::system_error&) {
      // nobody listens any more
    }
    lines->close();
  }

  Task<json::object> answer_to(std::string line) {
    json::object answer;
    std::optional<Error> failure;
    try {
      error_code malformed;
      const json::value request = json::parse(line, malformed);
      const json::object* object = malformed ? nullptr : request.if_object();
      if (!object) throw Error(Code::invalid_argument, "The call is no JSON object.", "Send one object a line.");
      if (const auto* id = object->if_contains("id")) answer["id"] = *id;
      const auto* params = object->if_contains("params");
      if (params && !params->is_object())
        throw Error(Code::invalid_argument, "\"params\" is no JSON object.", "Send one, or leave it out.");
      std::string method = text(*object, "method");
      json::object given;
      if (params) given = params->as_object();
      answer["result"] = co_await call(std::move(method), std::move(given));
    } catch (...) {
      failure = to_error(std::current_exception());
    }
    if (failure) answer["error"] = error_object(*failure);
    co_return answer;
  }

  Task<json::value> call(std::string method, json::object params) {
    if (method == "status" || method == "plugin.running") {
      json::array running;
      for (const Running& r : host_.running_plugins())
        running.push_back(json::object{{"kind", r.kind},
                                       {"name", r.name},
                                       {"version", r.version},
                                       {"summary", r.summary},
                                       {"file", r.file.string()},
                                       {"tasks", r.tasks},
                                       {"timers", r.timers}});
      json::object status{{"plugins", std::move(running)}, {"profile", host_.profile().origin}};
      co_return json::value(std::move(status));
    }
    if (method == "paths") {
      json::array all;
      for (Slot* slot : host_.slots(Paths::interface_id)) all = paths_json(Lease<Paths>(*slot)->paths());
      co_return json::value(std::move(all));
    }
    if (method == "plugin.swap") {
      SwapRequest request(text(params, "kind"), text(params, "from"), text(params, "to"), texts(params, "options"));
      co_await host_.swap(std::move(request));
      co_return json::value(json::object{{"swapped", true}});
    }
    if (method == "stop") {
      ctx_->request_stop(int(std::clamp<std::int64_t>(number(params, "code"), 0, 255)));
      co_return json::value(json::object{{"stopping", true}});
    }
    throw Error(Code::not_found, "There is no method \"" + method + "\".",
                "There are status, paths, plugin.running, plugin.swap and stop.");
  }

  Host& host_;
  Context* ctx_ = nullptr;
  std::unique_ptr<Listener> listener_;
  std::set<std::shared_ptr<LineStream>> open_;
};

}  // namespace

json::array paths_json(const std::vector<PathView>& paths) {
  json::array out;
  for (const PathView& path : paths) {
    json::array hops;
    for (const ServiceNode& hop : path.hops)
      hops.push_back(json::object{{"address", hop.address()}, {"key", to_hex(hop.ed25519)}});
    out.push_back(json::object{{"hops", std::move(hops)},
                               {"spare", path.spare},
                               {"failures", path.failures},
                               {"answered", path.answered},
                               {"in_flight", path.in_flight},
                               {"built_ms", to_ms(path.built_at)}});
  }
  return out;
}

std::string control_address(const std::filesystem::path& data) { return "unix:" + (data / "control.sock").string(); }

void add_control(Host& host) {
  if (host.profile().data.empty()) return;
  std::filesystem::create_directories(host.profile().data);
  Descriptor descriptor{
      .name = "control", .version = "1.0.0", .summary = "Answers argot plugin swap and other calls of this user"};
  descriptor.kind = "control";
  descriptor.needs = Network::interface_id;
  host.add_builtin(descriptor, [](Host& home) -> std::unique_ptr<Plugin> { return std::make_unique<Control>(home); });
}

Error error_in(const json::object& told) {
  const auto text_of = [&](std::string_view key, const char* otherwise) {
    const json::value* value = told.if_contains(key);
    return value && value->is_string() ? std::string(value->as_string()) : std::string(otherwise);
  };
  const std::string name = text_of("code", "");
  Code code = Code::unavailable;
  for (int each = 0; each <= int(Code::internal); ++each)
    if (name_of(Code(each)) == name) code = Code(each);
  return Error(code, text_of("message", "The call failed."), text_of("remedy", ""));
}

Task<json::value> call_control(Context& ctx, std::string address, std::string method, json::object params) {
  auto network = ctx.service<Network>().lease();
  LineStream lines(co_await network->connect(address));
  json::object request{{"id", 1}, {"method", method}, {"params", std::move(params)}};
  std::string text = json::serialize(request);
  co_await lines.write(std::move(text));
  auto line = co_await lines.read();
  error_code malformed;
  const json::value answer = line ? json::parse(*line, malformed) : json::value();
  const json::object* object = answer.if_object();
  if (!object) throw Error(Code::unavailable, "The kernel at " + address + " gave no answer.", "Look at its log.");
  if (const auto* error = object->if_contains("error"); error && error->is_object()) throw error_in(error->as_object());
  const auto* result = object->if_contains("result");
  co_return result ? *result : json::value();
}

}  // namespace argot::kernel
