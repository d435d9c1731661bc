// Links, the side that asks.
#include "link.h"

namespace argot::node {
namespace {

constexpr Duration handshake_time = std::chrono::seconds(5), idle_time = std::chrono::seconds(60);

Secret ephemeral(Context& ctx) {
  Secret out(32);
  ctx.random(out.span());
  return out;
}

}  // namespace

struct Links::Pending {
  Pending(Context& ctx, Duration until) : bell(ctx), deadline(until) {}
  bool decided() const { return answer || late || !failure.empty(); }
  Doorbell bell;
  const Duration deadline;
  bool late = false;
  std::optional<LinkAnswer> answer;
  std::string failure;  ///< the link is gone
};

struct Links::Link {
  std::shared_ptr<FrameStream> frames;  ///< null while it connects
  bool alive = true;
  std::uint32_t next_id = 0;
  std::vector<Frame> unsent;  ///< asked while it connects
  std::map<std::uint32_t, std::shared_ptr<Pending>> pending;
  std::uint64_t heard = 0;  ///< frames that came
  Duration used{};

  void end(const std::string& why) {
    alive = false;
    if (frames) frames->close();
    for (auto& [id, waits] : std::exchange(pending, {})) {
      waits->failure = why;
      waits->bell.ring();
    }
  }
};

Task<LinkAnswer> Links::ask(ServiceNode peer, Endpoint endpoint, std::string body, Duration at_most) {
  if (closed_ || pending_ >= max_pending)
    throw Error(Code::unavailable, "The node at " + peer.address() + " cannot be asked now.", "Try again later.");
  const Duration deadline = ctx_.uptime() + at_most;
  auto& slot = links_[peer.ed25519];
  const bool fresh = !slot || !slot->alive;
  if (fresh) slot = std::make_shared<Link>();
  const std::shared_ptr<Link> link = slot;
  const std::uint64_t heard_before = link->heard;

  struct Place {
    Links& links;
    std::shared_ptr<Link> link;
    std::uint32_t id;
    std::shared_ptr<Pending> waits;
    Place(Links& all, std::shared_ptr<Link> l, Duration until) : links(all), link(std::move(l)), id(link->next_id++) {
      waits = std::make_shared<Pending>(all.ctx_, until);
      link->pending[id] = waits;
      link->used = all.ctx_.uptime();
      ++links.pending_;
    }
    Place(const Place&) = delete;
    ~Place() {
      link->pending.erase(id);
      --links.pending_;
    }
  } place(*this, link, deadline);

  Frame frame;
  frame.id = place.id;
  frame.code = static_cast<std::uint16_t>(endpoint);
  frame.body = std::move(body);
  if (!link->frames) {
    link->unsent.push_back(std::move(frame));
  } else if (!link->frames->push(frame)) {
    throw Error(Code::unavailable, "Too much waits to be sent to the node at " + peer.address() + ".",
                "Try again later.");
  }
  // After the request has its place: the link may fail at once.
  if (fresh) running_.spawn("link to the node at " + peer.address(), run(link, peer));
  look_at(deadline);
  const auto waits = place.waits;
  while (!waits->decided()) co_await waits->bell.wait(std::nullopt);
  if (waits->answer) co_return std::move(*waits->answer);
  if (!waits->failure.empty()) throw Error(Code::unavailable, waits->failure);
  // Nothing at all was heard: the connection is probably dead without a word, and the next request makes a new one.
  if (link->heard == heard_before) link->end("The node at " + peer.address() + " has gone silent.");
  throw Error(Code::timeout, "The node at " + peer.address() + " did not answer in time.", "Try again later.");
}

void Links::look_at(Duration deadline) {
  if (deadline >= next_look_) return;
  const bool looking = next_look_ != Duration::max();
  next_look_ = deadline;
  if (looking)
    earlier_.ring();
  else
    running_.spawn("deadlines of requests to nodes", watch());
}

Task<> Links::watch() {
  while (!closed_ && next_look_ != Duration::max()) {
    if (ctx_.uptime() < next_look_) co_await earlier_.wait(next_look_);
    const Duration now = ctx_.uptime();
    if (now < next_look_) continue;
    next_look_ = Duration::max();
    for (const auto& [key, link] : links_)
      for (const auto& [id, waits] : link->pending) {
        if (waits->deadline > now) {
          next_look_ = std::min(next_look_, waits->deadline);
        } else if (!waits->decided()) {
          waits->late = true;
          waits->bell.ring();
        }
      }
  }
  next_look_ = Duration::max();
}

Task<std::shared_ptr<FrameStream>> Links::connect(std::shared_ptr<Link> link, ServiceNode peer) {
  Stream stream;
  {
    Lease<Network> lease = network_.lease();
    std::string address = only_.empty() ? peer.address() : only_;
    stream = co_await lease->connect(std::move(address));
  }
  auto held = std::make_shared<Stream>(std::move(stream));
  std::function<void()> give_up = [held] { held->close(); };
  Deadline deadline(ctx_, handshake_time, std::move(give_up));
  Secret secret = ephemeral(ctx_);
  NoiseHandshake handshake(link_prologue, keys_->x25519_secret(), keys_->x25519(), peer.x25519, secret.view());
  Bytes first = to_bytes(view(link_magic));
  const Bytes message = handshake.write_first();
  first.insert(first.end(), message.begin(), message.end());
  co_await write_whole(*held, std::move(first));
  const Bytes second = co_await read_exactly(*held, NoiseHandshake::second_size);
  if (!handshake.read_second(second))
    throw Error(Code::unauthenticated, "The node at " + peer.address() + " is not the one it is said to be.");
  if (!link->alive || closed_) throw Error(Code::unavailable, "The link is no longer wanted.");
  co_return std::make_shared<FrameStream>(ctx_, std::move(*held), handshake.finish(true));
}

Task<> Links::run(std::shared_ptr<Link> link, ServiceNode peer) {
  std::string why = "The node at " + peer.address() + " closed the connection.";
  std::shared_ptr<FrameStream> frames;
  try {
    frames = co_await connect(link, peer);
  } catch (const Error& error) {
    why = error.what();
  }
  if (!frames) {
    link->end(why);
    co_return;
  }
  link->frames = frames;
  for (const Frame& frame : std::exchange(link->unsent, {})) {
    const bool still_wanted = link->pending.contains(frame.id);
    if (still_wanted && !frames->push(frame)) break;
  }
  try {
    while (auto frame = co_await frames->read()) {
      ++link->heard;
      const auto waits = link->pending.find(frame->id);
      if (frame->kind != Frame::Kind::answer || waits == link->pending.end()) continue;
      waits->second->answer = LinkAnswer{frame->code, std::move(frame->body)};
      waits->second->bell.ring();
    }
  } catch (const Error& error) {
    why = error.what();
  }
  link->end(why);
}

void Links::close_idle() {
  const Duration limit = ctx_.uptime() - idle_time;
  for (auto at = links_.begin(); at != links_.end();) {
    const auto link = at->second;
    const bool idle = link->pending.empty() && link->used < limit;
    if (idle) link->end("Nobody used it.");
    at = idle || !link->alive ? links_.erase(at) : std::next(at);
  }
}

Task<> Links::close() {
  closed_ = true;
  for (auto& [key, link] : links_) link->end("This node stops.");
  earlier_.ring();
  co_await running_.wait();
  links_.clear();
}

}  // namespace argot::node
