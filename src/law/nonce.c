#include "law/nonce.h"

#include <stdint.h>
#include <string.h>

#include "law/dpop.h"
#include "law/header.h"

void al_nonces_dispose (al_nonces *all) {
  for (int i = 0; i < all->count; i++) {
    al_buf_dispose(&all->known[i].origin);
    al_buf_dispose(&all->known[i].text);
  }
  all->count = all->oldest = 0;
}

static struct al_nonce *find (const al_nonces *all, al_nonce_of of, const al_buf *origin) {
  for (int i = 0; i < all->count; i++) {
    const struct al_nonce *n = &all->known[i];
    if (n->of == of && n->origin.n == origin->n && memcmp(n->origin.bytes, origin->bytes, origin->n) == 0)
      return (struct al_nonce *)(uintptr_t)n;
  }
  return NULL;
}

const char *al_nonces_find (const al_nonces *all, al_nonce_of of, const al_url *where) {
  if (all->count == 0) return NULL;
  al_buf origin = AL_BUF(AL_MAX_URL);
  const struct al_nonce *found = al_dpop_origin(&origin, where) ? find(all, of, &origin) : NULL;
  al_buf_dispose(&origin);
  return found != NULL && found->text.n > 0 ? found->text.bytes : NULL;
}

/* RFC 9449 section 8.1: NQCHAR, as in a scope. */
static bool sound (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (text[i] < 0x21 || text[i] > 0x7E || text[i] == '"' || text[i] == '\\') return false;
  return n > 0 && n <= AL_MAX_NONCE;
}

static struct al_nonce *new_place (al_nonces *all) {
  if (all->count < AL_MAX_NONCES) {
    struct al_nonce *n = &all->known[all->count++];
    n->origin = AL_BUF(AL_MAX_URL);
    n->text = AL_BUF(AL_MAX_NONCE);
    return n;
  }
  return &all->known[all->oldest++ % AL_MAX_NONCES];
}

bool al_nonces_hear (al_nonces *all, al_nonce_of of, const al_url *where, const char *head, size_t head_n) {
  size_t n;
  const char *text = al_header_find(head, head_n, "DPoP-Nonce", &n);
  if (text == NULL || !sound(text, n)) return false;
  al_buf origin = AL_BUF(AL_MAX_URL);
  bool ok = al_dpop_origin(&origin, where);
  struct al_nonce *place = ok ? find(all, of, &origin) : NULL;
  if (ok && place == NULL) {
    place = new_place(all);
    place->of = of;
    al_buf_take(&place->origin, &origin);
  }
  ok = ok && al_buf_set(&place->text, text, n);
  al_buf_dispose(&origin);
  return ok;
}
