#include "law/assertion.h"

#include <stdlib.h>

#include "ground/encode.h"
#include "ground/json.h"
#include "ground/jws.h"

enum { jti_n = 16 }; /* random bytes: no two are alike (RFC 7523 section 3, item 7) */

static bool add_header (al_buf *out, const al_assertion *a) {
  al_buf_addc(out, '{');
  al_json_add_member(out, "alg", a->alg);
  if (a->kid != NULL) al_json_add_member(out, "kid", a->kid);
  al_json_add_member(out, "typ", "JWT");
  return al_buf_addc(out, '}');
}

static bool add_jti (al_buf *out, const al_stamp *stamp) {
  return al_buf_adds(out, ",\"jti\":\"") && al_encode_base64url(out, stamp->random, jti_n) && al_buf_addc(out, '"');
}

static bool add_claims (al_buf *out, const al_assertion *a, const al_stamp *stamp) {
  long long now = stamp->wall_ms / 1000, back = a->skew_s > AL_ASSERTION_BACK_S ? a->skew_s : AL_ASSERTION_BACK_S;
  al_buf_addc(out, '{');
  al_json_add_member(out, "iss", a->issuer);
  al_json_add_member(out, "sub", a->subject);
  al_json_add_member(out, "aud", a->audience);
  add_jti(out, stamp);
  al_buf_addf(out, ",\"iat\":%lld,\"exp\":%lld", now - back, now + a->lifetime_s);
  if (a->more != NULL) al_buf_addc(out, ','), al_buf_adds(out, a->more);
  return al_buf_addc(out, '}');
}

bool al_assertion_make (al_buf *out, const al_assertion *a, const al_key *key, const al_buf *secret,
                        const al_stamp *stamp) {
  al_buf header = AL_BUF(AL_MAX_JWT), claims = AL_BUF(AL_MAX_JWT);
  bool ok = add_header(&header, a) && add_claims(&claims, a, stamp) &&
            al_jws_compact(out, a->alg, key, secret, &header, &claims);
  al_buf_dispose(&header);
  al_buf_dispose(&claims);
  return ok;
}

/* ---- of a grant ---- */

al_signer *al_signer_new (void) {
  al_signer *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  s->issuer = s->subject = s->audience = s->more = s->alg = s->kid = AL_BUF(AL_MAX_JWT);
  return s;
}

void al_signer_drop (al_signer *s) {
  if (s == NULL) return;
  al_buf *texts[] = { &s->issuer, &s->subject, &s->audience, &s->more, &s->alg, &s->kid };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) al_buf_dispose(texts[i]);
  al_key_drop(s->key);
  free(s);
}

bool al_signer_sign (const al_signer *s, al_buf *out, const al_stamp *stamp) {
  const char *named = s->kid.n > 0 ? al_buf_text(&s->kid) : s->key->kid[0] != '\0' ? s->key->kid : NULL;
  al_assertion a = { .alg = s->alg.n > 0 ? al_buf_text(&s->alg) : al_jws_default(s->key),
                     .kid = named,
                     .issuer = al_buf_text(&s->issuer),
                     .subject = al_buf_text(&s->subject),
                     .audience = al_buf_text(&s->audience),
                     .more = s->more.n > 0 ? al_buf_text(&s->more) : NULL,
                     .lifetime_s = s->lifetime_s };
  return al_assertion_make(out, &a, s->key, NULL, stamp);
}
