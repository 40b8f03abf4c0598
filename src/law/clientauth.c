#include "law/clientauth.h"

#include <string.h>

#include "ground/encode.h"
#include "ground/jws.h"
#include "law/assertion.h"

static bool add_id (al_buf *form, const al_claimant *who) {
  return al_encode_field(form, "client_id", who->client_id, strlen(who->client_id));
}

/* RFC 6749 section 2.3.1 and 3.2.1: a public client names itself in the body; RFC 8705 section 2: so does one with a
 * certificate. */
static bool name_it (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)header;
  return add_id(form, who);
}

static bool add_raw (al_buf *out, const char *bytes, size_t n) {
  return al_buf_add(out, bytes, n);
}

/* RFC 6749 section 2.3.1: each half is form-encoded before they are joined; `raw` is for servers that don't undo it. */
static bool basic (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)form;
  size_t id_n = strlen(who->client_id);
  al_buf pair = AL_BUF_SECRET(who->secret->max * 3 + id_n * 3 + 1);
  bool (*add)(al_buf *, const char *, size_t) = who->raw_basic ? add_raw : al_encode_form;
  bool ok = add(&pair, who->client_id, id_n) && al_buf_addc(&pair, ':') &&
            add(&pair, al_buf_text(who->secret), who->secret->n);
  ok = ok && al_buf_adds(header, "Authorization: Basic ") && al_encode_base64(header, al_buf_text(&pair), pair.n);
  al_buf_dispose(&pair);
  return ok;
}

bool al_clientauth_encodes (const char *text, size_t n) {
  al_buf encoded = AL_BUF_SECRET(3 * n + 1);
  bool same = al_encode_form(&encoded, text, n) && encoded.n == n && memcmp(al_buf_text(&encoded), text, n) == 0;
  al_buf_dispose(&encoded);
  return !same;
}

static bool post (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)header;
  return add_id(form, who) && al_encode_field(form, "client_secret", al_buf_text(who->secret), who->secret->n);
}

static bool add_assertion (al_buf *form, const al_claimant *who, const al_buf *jwt) {
  return add_id(form, who) &&
         al_encode_field(form, "client_assertion_type", AL_ASSERTION_TYPE, strlen(AL_ASSERTION_TYPE)) &&
         al_encode_field(form, "client_assertion", al_buf_text(jwt), jwt->n);
}

/* RFC 7523 section 2.2. client_id goes along, as some servers look the client up by it before they read the assertion.
 */
static bool assert_it (al_buf *form, const al_claimant *who, const char *alg, const al_key *key, const al_buf *secret) {
  al_assertion a = { .alg = alg,
                     .kid = key != NULL ? who->kid : NULL,
                     .issuer = who->client_id,
                     .subject = who->client_id,
                     .audience = who->audience,
                     .lifetime_s = AL_ASSERTION_LIFETIME_S,
                     .skew_s = who->skew_s };
  al_buf jwt = AL_BUF_SECRET(AL_MAX_JWT);
  bool ok = al_assertion_make(&jwt, &a, key, secret, who->stamp) && add_assertion(form, who, &jwt);
  al_buf_dispose(&jwt);
  return ok;
}

static bool secret_jwt (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)header;
  return assert_it(form, who, who->alg != NULL ? who->alg : "HS256", NULL, who->secret);
}

static bool key_jwt (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)header;
  return who->key != NULL &&
         assert_it(form, who, who->alg != NULL ? who->alg : al_jws_default(who->key), who->key, NULL);
}

static bool given_jwt (al_buf *form, al_buf *header, const al_claimant *who) {
  (void)header;
  return add_assertion(form, who, who->secret);
}

static const al_clientauth methods[] = {
  { "none", AL_BY_NOTHING, false, false, name_it },
  { "client_secret_basic", AL_BY_SECRET, false, true, basic },
  { "client_secret_post", AL_BY_SECRET, false, false, post },
  { "client_secret_jwt", AL_BY_SECRET, true, false, secret_jwt },
  { "private_key_jwt", AL_BY_KEY, true, false, key_jwt },
  { "tls_client_auth", AL_BY_CERTIFICATE, false, false, name_it },
  { "self_signed_tls_client_auth", AL_BY_CERTIFICATE, false, false, name_it },
  { "client_assertion", AL_BY_ASSERTION, false, false, given_jwt }, /* to the server it is private_key_jwt */
};

const al_clientauth *al_clientauth_find (const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i].name, name) == 0) return &methods[i];
  return NULL;
}

const al_clientauth *al_clientauth_default (bool has_secret, bool has_key) {
  return al_clientauth_find(has_key ? "private_key_jwt" : has_secret ? "client_secret_basic" : "none");
}

const al_clientauth *al_clientauth_at (size_t i) {
  return i < sizeof methods / sizeof *methods ? &methods[i] : NULL;
}
