// Links, the side that answers.
#include "link.h"

#include "calls.h"

namespace argot::node {
namespace {

constexpr Duration handshake_time = std::chrono::seconds(5);

bool is_known(std::uint16_t code, LinkServer::Callers callers) {
  const bool nodes = callers == LinkServer::Callers::nodes;
  const Endpoint first = nodes ? Endpoint::storage_cc : Endpoint::shard_news;
  const Endpoint last = nodes ? Endpoint::storage_batch : Endpoint::shard_ends;
  return code >= static_cast<std::uint16_t>(first) && code <= static_cast<std::uint16_t>(last);
}

}  // namespace

Task<std::shared_ptr<FrameStream>> LinkServer::welcome(Stream stream, std::shared_ptr<Fixed<32>> who) {
  auto held = std::make_shared<Stream>(std::move(stream));
  std::erase_if(greeting_, [](const auto& each) { return each.expired(); });
  greeting_.push_back(held);
  std::function<void()> give_up = [held] { held->close(); };
  Deadline deadline(ctx_, handshake_time, std::move(give_up));
  const Bytes first = co_await read_exactly(*held, link_magic.size() + NoiseHandshake::first_size);
  if (text_of(ByteView(first).first(link_magic.size())) != link_magic)
    throw Error(Code::corrupt, "A connection began as a link and went on as something else.");
  Secret secret(32);
  ctx_.random(secret.span());
  NoiseHandshake handshake(link_prologue, keys_->x25519_secret(), keys_->x25519(), keys_->x25519(), secret.view());
  const auto peer = handshake.read_first(ByteView(first).subspan(link_magic.size()));
  if (!peer) throw Error(Code::unauthenticated, "A link was meant for another node.");
  if (!finder_(*peer)) throw Error(Code::permission_denied, "A link came from somebody who is no node.");
  *who = *peer;
  Bytes second = handshake.write_second();
  co_await write_whole(*held, std::move(second));
  co_return std::make_shared<FrameStream>(ctx_, std::move(*held), handshake.finish(false));
}

Task<> LinkServer::serve(Stream stream) {
  if (closed_) co_return;
  const std::string from = stream.peer();  // told once it is known to be a node: their addresses are public
  auto who = std::make_shared<Fixed<32>>();
  std::shared_ptr<FrameStream> frames;
  try {
    frames = co_await welcome(std::move(stream), who);
  } catch (const Error& error) {
    ctx_.debug(std::string("A link was refused: ") + error.what());
  }
  if (!frames || closed_) co_return;
  std::erase_if(open_, [](const auto& each) { return each.expired(); });
  open_.push_back(frames);
  try {
    while (auto frame = co_await frames->read()) {
      if (frame->kind != Frame::Kind::request) continue;
      const bool known = is_known(frame->code, callers_);
      const ServiceNode* sender = finder_(*who);  // it may have left the network meanwhile
      Frame refusal;
      refusal.kind = Frame::Kind::answer;
      refusal.id = frame->id;
      if (!sender) break;
      if (inside_ >= max_inside || bytes_inside_ + frame->body.size() > max_bytes_inside || !known) {
        refusal.code = known ? 503 : 404;
        refusal.body = known ? "Server busy, try again later" : "unknown endpoint";
        frames->push(refusal);
        continue;
      }
      ctx_.spawn("node's request", answer(frames, *sender, std::move(*frame)));
    }
  } catch (const Error& error) {
    ctx_.debug("The link from " + from + " ended: " + error.what());
  }
  frames->close();
}

Task<> LinkServer::answer(std::shared_ptr<FrameStream> frames, ServiceNode sender, Frame request) {
  struct Place {
    LinkServer& all;
    std::size_t bytes;
    Place(LinkServer& a, std::size_t b) : all(a), bytes(b) {
      ++all.inside_;
      all.bytes_inside_ += bytes;
    }
    Place(const Place&) = delete;
    ~Place() {
      --all.inside_;
      all.bytes_inside_ -= bytes;
      if (all.inside_ == 0) all.idle_.ring();
    }
  } place(*this, request.body.size());
  Frame reply;
  reply.kind = Frame::Kind::answer;
  reply.id = request.id;
  try {
    LinkAnswer answer =
        co_await handler_(std::move(sender), static_cast<Endpoint>(request.code), std::move(request.body));
    reply.code = static_cast<std::uint16_t>(answer.status);
    reply.body = std::move(answer.body);
  } catch (const Refused& refused) {
    reply.code = static_cast<std::uint16_t>(refused.status());
    reply.body = refused.what();
  } catch (const Error& error) {
    if (error.code() == Code::cancelled) throw;
    ctx_.warn("A request of another node could not be worked on: " + error.sentence());
    reply.code = 500;
    reply.body = "request failed";
  }
  frames->push(reply);
}

Task<> LinkServer::close() {
  closed_ = true;
  for (const auto& each : greeting_)
    if (const auto stream = each.lock()) stream->close();
  for (const auto& each : open_)
    if (const auto frames = each.lock()) frames->close();
  const Duration until = ctx_.uptime() + std::chrono::seconds(2);
  while (inside_ > 0 && ctx_.uptime() < until) co_await idle_.wait(until);
}

}  // namespace argot::node
