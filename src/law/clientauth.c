#include "law/clientauth.h"

#include <string.h>

#include "ground/encode.h"

/* RFC 6749 section 2.3.1 and 3.2.1: a public client names itself in the body. */
static bool none (al_buf *form, al_buf *header, const char *client_id, const al_buf *secret, bool raw) {
  (void)header, (void)secret, (void)raw;
  return al_encode_field(form, "client_id", client_id, strlen(client_id));
}

static bool add_raw (al_buf *out, const char *bytes, size_t n) {
  return al_buf_add(out, bytes, n);
}

/* RFC 6749 section 2.3.1: each half is form-encoded before they are joined; `raw` is for servers that don't undo it. */
static bool basic (al_buf *form, al_buf *header, const char *client_id, const al_buf *secret, bool raw) {
  (void)form;
  al_buf pair = AL_BUF_SECRET(secret->max * 3 + strlen(client_id) * 3 + 1);
  bool (*add)(al_buf *, const char *, size_t) = raw ? add_raw : al_encode_form;
  bool ok = add(&pair, client_id, strlen(client_id)) && al_buf_addc(&pair, ':') && add(&pair, al_buf_text(secret), secret->n);
  ok = ok && al_buf_adds(header, "Authorization: Basic ") && al_encode_base64(header, al_buf_text(&pair), pair.n);
  al_buf_dispose(&pair);
  return ok;
}

static bool post (al_buf *form, al_buf *header, const char *client_id, const al_buf *secret, bool raw) {
  (void)header, (void)raw;
  return al_encode_field(form, "client_id", client_id, strlen(client_id)) &&
         al_encode_field(form, "client_secret", al_buf_text(secret), secret->n);
}

static const al_clientauth methods[] = {
  { "none", false, none },
  { "client_secret_basic", true, basic },
  { "client_secret_post", true, post },
};

const al_clientauth *al_clientauth_find (const char *name) {
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(methods[i].name, name) == 0) return &methods[i];
  return NULL;
}

const al_clientauth *al_clientauth_default (bool has_secret) {
  return &methods[has_secret ? 1 : 0];
}

const char *al_clientauth_names (void) {
  return "none, client_secret_basic, client_secret_post";
}
