/*
 * A saved authorization. First byte odd: the text as it is, which nobody without the key could make right; even: sealed
 * first, so that what is inside is read. Its second bit: the client binds its tokens, so that a key is read too.
 * Whatever is taken can be saved and read again.
 */
#include "fuzz.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "law/authorization.h"

static const unsigned char key[33] = "a key of thirty-two bytes, no le";
enum { most = 4 * AL_MAX_URL };

static void of_client (al_authorization *a, bool binds) {
  al_authorization_init(a);
  a->client = al_client_new();
  if (a->client == NULL) abort();
  a->client->binds = binds;
}

static void restore (const char *text, size_t n, bool sealed, bool binds) {
  al_authorization a, b;
  al_fault fault;
  al_buf again = AL_BUF(2 * most);
  al_fault_clear(&fault);
  of_client(&a, binds);
  of_client(&b, binds);
  if (al_authorization_restore(&a, key, text, n, 1000000, &fault)) {
    must(sealed);
    must(strlen(a.state) == AL_STATE_CHARS && strlen(a.verifier) == AL_STATE_CHARS);
    must((a.dpop != NULL) == (binds && !a.implicit));
    if (al_authorization_save(&a, key, &again)) {
      al_authorization_restore(&b, key, al_buf_text(&again), again.n, 1000000, &fault);
      must(memcmp(a.state, b.state, sizeof a.state) == 0 && a.implicit == b.implicit && a.made_at == b.made_at);
      must(a.dpop == NULL || (b.dpop != NULL && strcmp(a.dpop->jkt, b.dpop->jkt) == 0));
    }
  } else must(fault.kind == AL_STATE && printable(fault.message, sizeof fault.message));
  al_authorization_dispose(&a);
  al_authorization_dispose(&b);
  al_buf_dispose(&again);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  unsigned how = input_byte(&in);
  bool raw = how & 1, binds = how & 2;
  size_t size;
  const char *text = input_rest(&in, &size);
  if (raw) restore(text, size, false, binds);
  else {
    al_buf sealed = AL_BUF(most), coded = AL_BUF(2 * most);
    if (al_crypto_seal(&sealed, key, "airlock-authorization-1", text, size) &&
        al_encode_base64url(&coded, sealed.bytes, sealed.n))
      restore(al_buf_text(&coded), coded.n, true, binds);
    al_buf_dispose(&sealed);
    al_buf_dispose(&coded);
  }
  input_over(&in);
  return 0;
}
