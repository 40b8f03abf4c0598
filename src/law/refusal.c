#include "law/refusal.h"

#include <string.h>

#include "law/reply.h"

static bool among (const char *const words[], size_t n, const char *word) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(words[i], word) == 0) return true;
  return false;
}

/* No word of the server's could be read. */
static bool unread (const al_fault *f) {
  return strcmp(f->code, "malformed_reply") == 0;
}

static bool of_client (const al_fault *f, const al_client *c) {
  static const char *const codes[] = { "invalid_client", "unauthorized_client" };
  bool barred = f->status == 401 || f->status == 403;
  return among(codes, 2, f->code) || (unread(f) && barred && c->auth->means != AL_BY_NOTHING);
}

/* Errors that a refresh token which is over isn't told by. */
static bool of_request (const al_fault *f) {
  static const char *const codes[] = { "unsupported_grant_type", "invalid_scope",      "invalid_target",
                                       "invalid_dpop_proof",     "use_dpop_nonce",     "unsupported_token_type",
                                       "out_of_memory",          "unexpected_redirect" };
  return among(codes, sizeof codes / sizeof *codes, f->code);
}

al_refusal al_refusal_of (const al_fault *f, const al_client *c, const al_answer *a, bool refresh) {
  if (strcmp(f->code, "invalid_grant") == 0 || al_quirks_list(c->quirks.invalid_grants, f->code, strlen(f->code)))
    return AL_REFUSED_GRANT;
  if (of_client(f, c)) return AL_REFUSED_CLIENT;
  bool definite = f->outcome == AL_MISCONFIGURED && (f->status == 400 || f->status == 401);
  if (!refresh || !definite || of_request(f)) return AL_REFUSED_OTHER;
  return unread(f) && al_reply_is_page(a->body, a->body_n) ? AL_REFUSED_PERHAPS : AL_REFUSED_GRANT;
}

/* What a client names itself by, and proves it with. */
static const char *options_of (const al_client *c) {
  static const char *const names[] = { [AL_BY_NOTHING] = "client_id",
                                       [AL_BY_SECRET] = "client_id, client_secret",
                                       [AL_BY_KEY] = "client_id, private_key",
                                       [AL_BY_CERTIFICATE] = "client_id, cert_file",
                                       [AL_BY_ASSERTION] = "client_id, client_assertion" };
  return names[c->auth->means];
}

void al_refusal_advise (al_fault *f, al_refusal refusal, const al_client *c, const al_buf *secret) {
  const char *where = c->endpoints[AL_TOKEN_ENDPOINT];
  int url_n = (int)strcspn(where, "?");
  if (refusal == AL_REFUSED_CLIENT && unread(f))
    al_fault_add(f, "; check %s and client_auth (\"%s\"), then that token_endpoint is right (%.*s)", options_of(c),
                 c->auth->name, url_n, where);
  else if (refusal == AL_REFUSED_PERHAPS)
    al_fault_add(f, "; the user must log in again, or token_endpoint is wrong (%.*s)", url_n, where);
  else if (unread(f) || strcmp(f->code, "unexpected_redirect") == 0)
    al_fault_add(f, "; check that token_endpoint is right (%.*s)", url_n, where);
  if (refusal == AL_REFUSED_CLIENT) al_fault_add(f, "%s", al_refusal_of_basic(c, secret));
  if (refusal == AL_REFUSED_CLIENT && (c->auth->asserts || c->auth->means == AL_BY_ASSERTION))
    al_fault_add(f, "; an assertion is also refused where the clocks differ: check this machine's (option clock_skew)");
}

const char *al_refusal_of_basic (const al_client *c, const al_buf *secret) {
  bool basic = strcmp(c->auth->name, "client_secret_basic") == 0 && !c->raw_basic && c->client_id != NULL;
  bool changes = basic && (al_clientauth_encodes(c->client_id, strlen(c->client_id)) ||
                           al_clientauth_encodes(al_buf_text(secret), secret->n));
  return changes ? "; its id or secret has characters that RFC 6749 wants encoded, and some servers don't decode them: "
                   "try option raw_basic, or client_auth \"client_secret_post\""
                 : "";
}
