// OpenSSL's objects, freed by themselves, and its failures, which are ours: parameters are checked before.
#pragma once
#include <argot/error.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

namespace argot::session::evp {

template <auto Free> struct Freer {
  template <class T> void operator()(T* object) const { Free(object); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using MacMethod = std::unique_ptr<EVP_MAC, Freer<EVP_MAC_free>>;
using Mac = std::unique_ptr<EVP_MAC_CTX, Freer<EVP_MAC_CTX_free>>;

inline void require(bool good) {
  if (!good) throw Error(Code::internal, "OpenSSL cannot encrypt or decrypt a file.", "Report this as a defect.");
}

}  // namespace argot::session::evp
