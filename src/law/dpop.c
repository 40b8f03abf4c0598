#include "law/dpop.h"
#include "ground/key_text.h"

#include <stdlib.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/json.h"
#include "ground/jws.h"
#include "ground/limits.h"

enum { jti_at = 16, jti_n = 16 }; /* of the moment's chance; an assertion of the same request has the other half */

static const char field[] = "DPoP: ";

/* RFC 9449 section 4.2: the public half alone, and by nothing that a verifier could make itself. */
static bool add_lead (al_dpop *d) {
  al_buf header = AL_BUF(AL_MAX_JWT);
  al_buf_addc(&header, '{');
  al_json_add_member(&header, "typ", "dpop+jwt");
  al_json_add_member(&header, "alg", d->alg);
  bool ok = al_buf_adds(&header, ",\"jwk\":") && al_key_jwk(d->key, &header) && al_buf_addc(&header, '}') &&
            al_buf_adds(&d->lead, field) && al_encode_base64url(&d->lead, header.bytes, header.n) &&
            al_buf_addc(&d->lead, '.');
  al_buf_dispose(&header);
  return ok;
}

static bool name_key (al_dpop *d) {
  al_buf jkt = AL_BUF(AL_DIGEST_CHARS);
  bool ok = al_key_thumbprint(d->key, &jkt) && jkt.n == AL_DIGEST_CHARS;
  if (ok) memcpy(d->jkt, jkt.bytes, AL_DIGEST_CHARS + 1);
  al_buf_dispose(&jkt);
  return ok;
}

/* The key moves in. */
static al_dpop *wrap (al_key *key, const char *alg) {
  al_dpop *d = key != NULL ? calloc(1, sizeof *d) : NULL;
  if (d == NULL) {
    al_key_drop(key);
    return NULL;
  }
  d->key = key;
  d->lead = AL_BUF(AL_MAX_JWT);
  d->pem = AL_BUF_SECRET(AL_MAX_SECRET);
  if (alg == NULL) alg = al_jws_default(key);
  if (strlen(alg) < sizeof d->alg && al_jws_fits(alg, key)) memcpy(d->alg, alg, strlen(alg) + 1);
  d->refs = 1;
  if (key->private && d->alg[0] != '\0' && name_key(d) && add_lead(d)) return d;
  al_dpop_drop(d);
  return NULL;
}

static al_dpop *with_pem (al_dpop *d) {
  if (d == NULL || al_key_pem(d->key, &d->pem)) return d;
  al_dpop_drop(d);
  return NULL;
}

al_dpop *al_dpop_new (void) {
  return with_pem(wrap(al_key_new(), NULL));
}

al_dpop *al_dpop_of (al_key *key, const char *alg) {
  return wrap(al_key_hold(key), alg);
}

al_dpop *al_dpop_read (const al_buf *pem) {
  const char *why;
  return with_pem(wrap(al_key_read(al_buf_text(pem), pem->n, true, &why), NULL));
}

al_dpop *al_dpop_hold (al_dpop *d) {
  if (d != NULL) d->refs++;
  return d;
}

void al_dpop_drop (al_dpop *d) {
  if (d == NULL || --d->refs > 0) return;
  al_key_drop(d->key);
  al_buf_dispose(&d->lead);
  al_buf_dispose(&d->pem);
  free(d);
}

bool al_dpop_ath (char out[AL_DIGEST_CHARS + 1], const char *token, size_t n) {
  unsigned char digest[32];
  al_buf text = AL_BUF(AL_DIGEST_CHARS);
  bool ok = al_crypto_sha256(digest, token, n) && al_encode_base64url(&text, digest, sizeof digest);
  if (ok) memcpy(out, text.bytes, AL_DIGEST_CHARS + 1);
  al_buf_dispose(&text);
  return ok;
}

bool al_dpop_origin (al_buf *out, const al_url *where) {
  al_buf_adds(out, where->https ? "https://" : "http://");
  for (size_t i = 0; i < where->host_n; i++) {
    char c = where->host[i];
    al_buf_addc(out, (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c));
  }
  return where->port == (where->https ? 443 : 80) ? !out->broken : al_buf_addf(out, ":%d", where->port);
}

/* The target without query and fragment, normalized as RFC 3986 sections 6.2.2 and 6.2.3 have it: section 4.3, item 9.
 */
static bool add_htu (al_buf *out, const al_url *where) {
  al_buf htu = AL_BUF(AL_MAX_URL);
  bool ok = al_dpop_origin(&htu, where) &&
            (where->path_n > 0 ? al_buf_add(&htu, where->path, where->path_n) : al_buf_addc(&htu, '/'));
  if (ok) al_json_add_member(out, "htu", al_buf_text(&htu));
  al_buf_dispose(&htu);
  return ok && !out->broken;
}

static bool add_payload (al_buf *out, const char *method, const al_url *where, const char *ath, const char *nonce,
                         const al_stamp *stamp) {
  al_buf_adds(out, "{\"jti\":\"");
  al_encode_base64url(out, stamp->random + jti_at, jti_n);
  al_buf_addc(out, '"');
  al_json_add_member(out, "htm", method);
  bool ok = add_htu(out, where);
  al_buf_addf(out, ",\"iat\":%lld", (long long)(stamp->wall_ms / 1000));
  if (ath != NULL) al_json_add_member(out, "ath", ath);
  if (nonce != NULL) al_json_add_member(out, "nonce", nonce);
  return ok && al_buf_addc(out, '}');
}

bool al_dpop_prove (const al_dpop *d, al_buf *line, const char *method, const al_url *where, const char *ath,
                    const char *nonce, const al_stamp *stamp) {
  al_buf payload = AL_BUF(AL_MAX_URL + AL_MAX_JWT), signature = AL_BUF(AL_MAX_RSA_BITS / 8);
  const size_t signed_from = sizeof field - 1;
  bool ok = al_buf_set(line, d->lead.bytes, d->lead.n) && add_payload(&payload, method, where, ath, nonce, stamp) &&
            al_encode_base64url(line, payload.bytes, payload.n) &&
            al_jws_sign(&signature, d->alg, d->key, line->bytes + signed_from, line->n - signed_from) &&
            al_buf_addc(line, '.') && al_encode_base64url(line, signature.bytes, signature.n);
  al_buf_dispose(&payload);
  al_buf_dispose(&signature);
  if (!ok) al_buf_clear(line);
  return ok;
}
