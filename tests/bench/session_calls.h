#pragma once
// The Session suite as the kernel calls it, and the same steps written down as bare libsodium calls.
#include "scene.h"
#include "stubs.h"

#include <sodium.h>

namespace argot::bench {

class SessionCalls {
 public:
  SessionCalls();

  /// Ours, through the slot of the loaded plugin.
  void seal(int count);
  void open(int count);
  /// The bare calls: padding, signature, sealed box; with `decoy` also the point and the scalar of the Pro signature
  /// that a client without one draws.
  void bare_seal(int count, bool decoy);
  void bare_open(int count);

 private:
  struct Keys {
    unsigned char ed_public[32], ed_secret[64], x_public[32], x_secret[32];
  };
  static Keys keys_of(const Secret& seed);

  Stage stage_;
  Client client_{stage_, "memory", "/nowhere"};
  Handle<Suite> suite_ = client_.kernel().service<Suite>();
  StubSuiteState state_;
  std::unique_ptr<Identity> alice_, bob_;
  Keys alice_keys_, bob_keys_;
  Bytes content_, envelope_, box_;
};

}  // namespace argot::bench
