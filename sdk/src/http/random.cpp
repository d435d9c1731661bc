// OpenSSL's randomness, redirected: key shares, client and server randoms, session ids and ECDSA nonces all follow.
#define OPENSSL_SUPPRESS_DEPRECATED  // RAND_set_rand_method: its successor needs a whole provider for the same thing
#include <argot/http.h>

#include <openssl/rand.h>

#include <mutex>

namespace argot::http {
namespace {

// OpenSSL's choice is one per process, so this is too.
struct Redirect {
  std::mutex lock;
  std::function<void(std::span<Byte>)> source;
};
Redirect& redirect() {
  static Redirect one;
  return one;
}

int give(unsigned char* to, int size) {
  Redirect& r = redirect();
  std::lock_guard hold(r.lock);
  if (!r.source || size < 0) return 0;
  r.source(std::span<Byte>(to, static_cast<std::size_t>(size)));
  return 1;
}
int ready() { return 1; }

constexpr RAND_METHOD from_source = {nullptr, give, nullptr, nullptr, give, ready};

}  // namespace

void use_random(std::function<void(std::span<Byte>)> source) {
  const bool redirected = static_cast<bool>(source);
  {
    std::lock_guard hold(redirect().lock);
    redirect().source = std::move(source);
  }
  RAND_set_rand_method(redirected ? &from_source : RAND_OpenSSL());
}

}  // namespace argot::http
