#include "ground/certificate.h"

#include <openssl/x509.h>

#include "ground/encode.h"
#include "ground/limits.h"

EVP_PKEY *al_certificate_key (const char *text, size_t n) {
  al_buf der = AL_BUF(AL_MAX_SECRET);
  EVP_PKEY *key = NULL;
  if (al_decode_base64url(&der, text, n) && der.n > 0) {
    const unsigned char *at = (const unsigned char *)der.bytes;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.n);
    if (certificate != NULL) key = X509_get_pubkey(certificate);
    X509_free(certificate);
  }
  al_buf_dispose(&der);
  return key;
}
