// The TLS state machine between a plain stream and its user. OpenSSL reads from and writes to plain memory here; pump()
// moves bytes until nothing more can be done, and every completion of the inner stream calls it again.
#include "tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>

#include <cstring>

namespace argot::http {
namespace {

constexpr std::size_t small_read = 4 * 1024, large_read = 17 * 1024;  // idle connections keep the small one

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  Engine(TlsContext context, TlsRole role, Stream inner) : inner_(std::move(inner)), context_(std::move(context)) {
    ssl_ = SSL_new(context_.get());
    BIO* bio = ssl_ ? BIO_new(method()) : nullptr;
    if (!bio) throw Error(Code::resource_exhausted, "OpenSSL has no memory for another TLS connection.");
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_, bio, bio);
    role == TlsRole::client ? SSL_set_connect_state(ssl_) : SSL_set_accept_state(ssl_);
  }
  ~Engine() { SSL_free(ssl_); }

  void handshake(StreamBase::Done done) { begin(handshake_, std::move(done)); }
  void read(asio::mutable_buffer into, StreamBase::Done done) {
    into_ = into;
    begin(read_, std::move(done));
  }
  void write(asio::const_buffer from, StreamBase::Done done) {
    from_ = from;
    written_ = 0;
    begin(write_, std::move(done));
  }

  void close(bool politely) {
    if (closed_) return;
    closed_ = true;
    const bool can_tell = politely && !broken_ && !sending_now_ && SSL_is_init_finished(ssl_);
    fail(asio::error::operation_aborted);
    if (can_tell) {  // close_notify goes out if the inner stream takes it at once; nobody waits for it
      ERR_clear_error();
      SSL_shutdown(ssl_);
      if (!out_.empty()) flush();
    }
    inner_.close();
  }

  asio::any_io_executor executor() const { return inner_.get_executor(); }
  std::string peer() const { return inner_.peer(); }
  void read_fingerprints(PeerCertificate& shown) const {
    if (const X509* certificate = SSL_get0_peer_certificate(ssl_)) shown = fingerprints_of(certificate);
  }
  /// Why the handshake failed, when it was OpenSSL that refused.
  const std::string& complaint() const { return complaint_; }

 private:
  struct Operation {
    StreamBase::Done done;
    std::uint64_t number = 0;  // so that a late cancellation does not hit the next one
    explicit operator bool() const { return static_cast<bool>(done); }
  };

  void begin(Operation& operation, StreamBase::Done done) {
    const std::uint64_t number = ++operation.number;
    auto slot = asio::get_associated_cancellation_slot(done);
    operation.done.swap(done);  // not assigned: Boost 1.81's move assignment of these recurses for ever
    if (slot.is_connected())
      slot.assign([weak = weak_from_this(), &operation, number](asio::cancellation_type) {
        auto self = weak.lock();
        if (!self || operation.number != number || !operation) return;
        // Half a record may be on its way: after an abandoned write or handshake the stream is of no more use.
        if (&operation != &self->read_)
          self->fail(asio::error::operation_aborted);
        else
          self->finish(operation, asio::error::operation_aborted, 0);
      });
    pump();
  }

  void finish(Operation& operation, error_code failure, std::size_t n) {
    if (!operation) return;
    StreamBase::Done done = std::move(operation.done);
    asio::post(inner_.get_executor(), asio::append(std::move(done), failure, n));
  }

  void fail(error_code failure) {
    if (!broken_) broken_ = failure;
    finish(handshake_, failure, 0);
    finish(read_, failure, 0);
    finish(write_, failure, 0);
  }

  enum class Step { done, needs_input, failed };
  /// What an SSL_* call meant.
  Step judge(int result) {
    if (result > 0) return Step::done;
    const int error = SSL_get_error(ssl_, result);
    if (error == SSL_ERROR_WANT_READ && !input_ended_) return Step::needs_input;
    if (error == SSL_ERROR_WANT_WRITE) return Step::needs_input;  // cannot be: out_ takes everything
    if (error == SSL_ERROR_ZERO_RETURN) {
      finish(read_, asio::error::eof, 0);
      return Step::needs_input;  // the other direction lives on
    }
    // A stream that ends without close_notify may have been cut short by somebody in between: never eof.
    if (input_ended_) {
      ERR_clear_error();
      fail(asio::error::connection_reset);
    } else {
      complaint_ = tls_complaint();
      fail(asio::error::no_protocol_option);
    }
    return Step::failed;
  }

  void pump() {
    auto self = shared_from_this();  // a completion may drop the coroutine that owns us
    if (broken_) return fail(broken_);
    if (ERR_peek_error()) ERR_clear_error();  // what another left would be taken for ours; nearly always nothing
    bool needs_input = false;
    if (handshake_) {
      switch (judge(SSL_do_handshake(ssl_))) {
        case Step::done: greeted_ = true; break;  // told when our last bytes are out
        case Step::needs_input: needs_input = true; break;
        case Step::failed: break;
      }
    }
    if (!broken_ && write_ && !written_) {
      if (from_.size() == 0) {
        finish(write_, {}, 0);
      } else {
        std::size_t n = 0;
        const Step step = judge(SSL_write_ex(ssl_, from_.data(), from_.size(), &n));
        if (step == Step::done) written_ = n;
        needs_input |= step == Step::needs_input;
      }
    }
    if (!broken_ && read_) {
      if (into_.size() == 0) {
        finish(read_, {}, 0);
      } else if (nothing_to_read()) {
        needs_input = true;  // OpenSSL would take and give back 17 KB to find that out
      } else {
        std::size_t n = 0;
        const Step step = judge(SSL_read_ex(ssl_, into_.data(), into_.size(), &n));
        if (step == Step::done) finish(read_, {}, n);
        needs_input |= step == Step::needs_input && read_;
      }
    }
    flush();
    if (!sending_now_ && out_.empty()) {
      if (greeted_ && handshake_) finish(handshake_, {}, 0);
      if (written_ && write_) finish(write_, {}, std::exchange(written_, 0));
    }
    if (needs_input && !broken_) fill();
  }

  bool nothing_to_read() const {
    return in_from_ == in_to_ && !input_ended_ && !SSL_has_pending(ssl_) &&
           !(SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN);
  }

  void flush() {
    if (sending_now_ || out_.empty()) return;
    sending_now_ = true;
    sending_.swap(out_);
    out_.clear();
    sent_ = 0;
    send_rest();
  }

  void send_rest() {
    auto sent = [weak = weak_from_this()](error_code failure, std::size_t n) {
      auto self = weak.lock();
      if (!self) return;
      if (failure) {
        self->sending_now_ = false;
        return self->fail(failure);
      }
      self->sent_ += n;
      if (self->sent_ < self->sending_.size()) return self->send_rest();
      self->sending_now_ = false;
      if (self->sending_.capacity() > large_read) self->sending_ = {};
      self->pump();
    };
    inner_.async_write_some(asio::buffer(sending_.data() + sent_, sending_.size() - sent_), std::move(sent));
  }

  void fill() {
    if (receiving_now_ || input_ended_) return;
    receiving_now_ = true;
    if (in_.size() != want_) in_.resize(want_), in_.shrink_to_fit();
    auto received = [weak = weak_from_this()](error_code failure, std::size_t n) {
      auto self = weak.lock();
      if (!self) return;
      self->receiving_now_ = false;
      if (failure && failure != asio::error::eof) return self->fail(failure);
      if (failure) self->input_ended_ = true;
      self->want_ = n == self->in_.size() ? large_read : small_read;
      self->in_from_ = 0;
      self->in_to_ = failure ? 0 : n;
      self->pump();
    };
    inner_.async_read_some(asio::buffer(in_), std::move(received));
  }

  // --- the memory that OpenSSL sees as its wire ---
  static Engine& of(BIO* bio) { return *static_cast<Engine*>(BIO_get_data(bio)); }
  static int take(BIO* bio, char* to, int size) {
    Engine& self = of(bio);
    BIO_clear_retry_flags(bio);
    const std::size_t n = std::min<std::size_t>(self.in_to_ - self.in_from_, static_cast<std::size_t>(size));
    if (n == 0) {
      if (self.input_ended_) return 0;
      BIO_set_retry_read(bio);
      return -1;
    }
    std::memcpy(to, self.in_.data() + self.in_from_, n);
    self.in_from_ += n;
    return static_cast<int>(n);
  }
  static int give(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    of(bio).out_.append(from, static_cast<std::size_t>(size));
    return size;
  }
  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return of(bio).input_ended_;
    return command == BIO_CTRL_FLUSH;
  }
  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "argot stream");
      BIO_meth_set_read(m, take);
      BIO_meth_set_write(m, give);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }

  Stream inner_;
  TlsContext context_;
  SSL* ssl_ = nullptr;
  std::vector<char> in_;
  std::size_t in_from_ = 0, in_to_ = 0, want_ = small_read;
  std::string out_, sending_;
  std::size_t sent_ = 0;
  bool sending_now_ = false, receiving_now_ = false, input_ended_ = false, greeted_ = false, closed_ = false;
  error_code broken_;
  std::string complaint_;
  Operation handshake_, read_, write_;
  asio::mutable_buffer into_;
  asio::const_buffer from_;
  std::size_t written_ = 0;
};

class TlsStream final : public StreamBase {
 public:
  explicit TlsStream(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}
  ~TlsStream() override { engine_->close(true); }
  void read_some(asio::mutable_buffer into, Done done) override { engine_->read(into, std::move(done)); }
  void write_some(asio::const_buffer from, Done done) override { engine_->write(from, std::move(done)); }
  void close() noexcept override { engine_->close(true); }
  asio::any_io_executor executor() override { return engine_->executor(); }
  std::string peer() const override { return engine_->peer(); }

 private:
  std::shared_ptr<Engine> engine_;
};

}  // namespace

Task<Stream> start_tls(TlsContext context, TlsRole role, Stream inner, std::shared_ptr<std::function<void()>> closer,
                       std::shared_ptr<PeerCertificate> shown) {
  auto engine = std::make_shared<Engine>(std::move(context), role, std::move(inner));
  auto base = std::make_unique<TlsStream>(engine);
  *closer = [weak = std::weak_ptr<Engine>(engine)] {
    if (auto alive = weak.lock()) alive->close(false);
  };
  error_code failure;
  asio::use_awaitable_t<> awaitable;
  auto token = asio::redirect_error(awaitable, failure);
  co_await asio::async_initiate<decltype(token), void(error_code, std::size_t)>(
      [](auto handler, Engine* e) { e->handshake(StreamBase::Done(std::move(handler))); }, token, engine.get());
  // Who a server's clients are is nobody's business: errors end in logs.
  const std::string peer = role == TlsRole::server ? "A client" : engine->peer();
  if (failure == asio::error::no_protocol_option)
    throw Error(Code::corrupt, peer + " does not speak TLS as we do (" + engine->complaint() + ").",
                "Check that the port is the HTTPS port.");
  if (failure == asio::error::operation_aborted)
    throw Error(Code::cancelled, "The TLS handshake with " + peer + " was given up.");
  if (failure)
    throw Error(Code::unavailable,
                peer + " closed the connection during the TLS handshake (" + failure.message() + ").");
  if (shown) engine->read_fingerprints(*shown);
  co_return Stream(std::move(base));
}

}  // namespace argot::http
