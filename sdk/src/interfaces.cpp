// Homes of the interfaces' destructors and defaults, so that each type has one identity in the process.
#include <argot/app.h>
#include <argot/directory.h>
#include <argot/fabric.h>
#include <argot/file_cipher.h>
#include <argot/file_store.h>
#include <argot/media.h>
#include <argot/network.h>
#include <argot/paths.h>
#include <argot/vectors.h>

namespace argot {

StreamBase::~StreamBase() = default;
Listener::~Listener() = default;
Network::~Network() = default;
Fabric::~Fabric() = default;
Directory::~Directory() = default;
void Directory::offer(std::vector<ServiceNode>) {}
Paths::~Paths() = default;
Transport::~Transport() = default;
SuiteState::~SuiteState() = default;
Suite::~Suite() = default;
Media::~Media() = default;
FileSealer::~FileSealer() = default;
FileOpener::~FileOpener() = default;
FileCipher::~FileCipher() = default;
FileStore::~FileStore() = default;
Transaction::~Transaction() = default;
Store::~Store() = default;
Storage::~Storage() = default;
Messenger::~Messenger() = default;
App::~App() = default;
Vectors::~Vectors() = default;
Context::~Context() = default;
Plugin::~Plugin() = default;

Task<std::unique_ptr<Listener>> Network::listen_shared(std::string address) {
  throw Error(Code::invalid_argument,
              "This network gives an address to one listener only, so " + address + " cannot be shared.",
              "Run one kernel (workers: 1), or use a network that can, such as network/os.");
}

Task<> Plugin::start(Context&) { co_return; }
Task<> Plugin::stop() { co_return; }
Duration Transport::clock_offset() const { return {}; }
Task<> Suite::prepare(const Identity&, AccountId) { co_return; }

}  // namespace argot
