#include "law/token.h"

#include <stdlib.h>
#include <string.h>

#include "ground/limits.h"

static const char bearer[] = "Authorization: Bearer ", bound[] = "Authorization: DPoP ";

static al_token *make (const char *lead, const char *text, size_t n, int64_t lifetime_ms, int64_t now) {
  al_token *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  t->refs = 1;
  t->line = AL_BUF_SECRET(sizeof bearer + AL_MAX_TOKEN_REPLY);
  t->scope = AL_BUF(AL_MAX_SCOPE);
  t->issued_token_type = AL_BUF(AL_MAX_URL);
  t->obtained_at = now;
  t->expires_at = lifetime_ms < 0 ? -1 : now + lifetime_ms;
  al_buf_adds(&t->line, lead);
  if (!al_buf_add(&t->line, text, n)) {
    al_token_drop(t);
    return NULL;
  }
  return t;
}

al_token *al_token_new (const char *text, size_t n, int64_t lifetime_ms, int64_t now) {
  return make(bearer, text, n, lifetime_ms, now);
}

al_token *al_token_new_bound (al_dpop *dpop, const char *text, size_t n, int64_t lifetime_ms, int64_t now) {
  al_token *t = make(bound, text, n, lifetime_ms, now);
  if (t == NULL) return NULL;
  t->type = AL_BOUND;
  t->dpop = al_dpop_hold(dpop);
  if (al_dpop_ath(t->ath, text, n)) return t;
  al_token_drop(t);
  return NULL;
}

al_token *al_token_hold (al_token *t) {
  t->refs++;
  return t;
}

void al_token_drop (al_token *t) {
  if (t == NULL || --t->refs > 0) return;
  al_dpop_drop(t->dpop);
  al_buf_dispose(&t->line);
  al_buf_dispose(&t->scope);
  al_buf_dispose(&t->issued_token_type);
  free(t);
}

const char *al_token_text (const al_token *t, size_t *n) {
  size_t lead_n = (t->dpop != NULL ? sizeof bound : sizeof bearer) - 1;
  *n = t->line.n - lead_n;
  return t->line.bytes + lead_n;
}

static int64_t margin (const al_token *t) {
  int64_t share = (t->expires_at - t->obtained_at) / AL_MARGIN_SHARE;
  return share < AL_MARGIN_S * 1000 ? share : AL_MARGIN_S * 1000;
}

bool al_token_fresh (const al_token *t, int64_t now) {
  return t->expires_at < 0 || now < t->expires_at - margin(t);
}

bool al_token_alive (const al_token *t, int64_t now) {
  return t->expires_at < 0 || now < t->expires_at;
}

bool al_token_printable (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (text[i] <= 0x20 || text[i] >= 0x7F) return false;
  return n > 0;
}
