/*
 * A saved authorization. First byte odd: the text as it is, which nobody without the key could make right; even: sealed first, so
 * that what is inside is read. Whatever is taken can be saved and read again.
 */
#include "fuzz.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "law/authorize.h"

static const unsigned char key[32] = "a key of thirty-two bytes, no le";
enum { most = 4 * AL_MAX_URL };

static void restore (const char *text, size_t n, bool sealed) {
  al_authorization a, b;
  al_fault fault;
  al_buf again = AL_BUF(2 * most);
  al_fault_clear(&fault);
  al_authorize_init(&a);
  al_authorize_init(&b);
  if (al_authorize_restore(&a, key, text, n, 1000000, &fault)) {
    must(sealed);
    must(strlen(a.state) <= AL_STATE_CHARS && strlen(a.verifier) <= AL_STATE_CHARS);
    bool whole = strlen(a.state) == AL_STATE_CHARS && strlen(a.verifier) == AL_STATE_CHARS; /* a NUL in them is none of ours */
    if (whole && al_authorize_save(&a, key, &again)) {
      al_authorize_restore(&b, key, al_buf_text(&again), again.n, 1000000, &fault);
      must(memcmp(a.state, b.state, sizeof a.state) == 0 && a.implicit == b.implicit && a.made_at == b.made_at);
    }
  } else must(fault.kind == AL_STATE && printable(fault.message, sizeof fault.message));
  al_authorize_dispose(&a);
  al_authorize_dispose(&b);
  al_buf_dispose(&again);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  bool raw = input_byte(&in) & 1;
  size_t size;
  const char *text = input_rest(&in, &size);
  if (raw) restore(text, size, false);
  else {
    al_buf sealed = AL_BUF(most), coded = AL_BUF(2 * most);
    if (al_crypto_seal(&sealed, key, "airlock-authorization-1", text, size) && al_encode_base64url(&coded, sealed.bytes, sealed.n))
      restore(al_buf_text(&coded), coded.n, true);
    al_buf_dispose(&sealed);
    al_buf_dispose(&coded);
  }
  input_over(&in);
  return 0;
}
