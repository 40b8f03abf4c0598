#include "law/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ground/limits.h"

/* "" where memory runs out: false. */
static bool digest (char out[AL_LOGIN_CHARS], const char *secret, size_t n) {
  al_buf hex = AL_BUF(AL_LOGIN_CHARS);
  out[0] = '\0';
  bool ok = al_record_digest(&hex, secret, n);
  if (ok) memcpy(out, hex.bytes, AL_LOGIN_CHARS);
  al_buf_dispose(&hex);
  return ok;
}

static bool same (const al_buf *text, const char *other) {
  return text->n == strlen(other) && memcmp(al_buf_text(text), other, text->n) == 0;
}

static void begin_with (al_reconcile *s, const char login[AL_LOGIN_CHARS]) {
  al_reconcile_reset(s);
  memcpy(s->login, login, AL_LOGIN_CHARS);
  s->generation = 1;
}

al_reconcile *al_reconcile_new (const char name[AL_RECORD_NAME], const char *account, size_t account_n,
                                const char *given, size_t given_n) {
  al_reconcile *s = calloc(1, sizeof *s);
  if (s == NULL) return NULL;
  memcpy(s->name, name, AL_RECORD_NAME);
  s->account = AL_BUF(AL_MAX_SECRET);
  s->unknown = AL_BUF_SECRET(AL_MAX_RECORD);
  char login[AL_LOGIN_CHARS];
  bool ok = given_n == 0 || digest(login, given, given_n);
  if (ok && given_n > 0) begin_with(s, login);
  if (ok && al_buf_add(&s->account, account, account_n)) return s;
  al_reconcile_free(s);
  return NULL;
}

void al_reconcile_free (al_reconcile *s) {
  if (s == NULL) return;
  al_buf_dispose(&s->account);
  al_buf_dispose(&s->unknown);
  free(s);
}

void al_reconcile_reset (al_reconcile *s) {
  s->login[0] = s->refused[0] = '\0';
  s->generation = s->begun = 0;
  s->unsaved = s->owed = s->opened = s->removing = s->keyless = false;
  al_buf_clear(&s->unknown);
}

bool al_reconcile_hand_in (al_credential *c, const char *given, size_t n) {
  char login[AL_LOGIN_CHARS];
  al_reconcile *s = c->stored;
  if (c->dead == NULL && c->refresh_token.n > 0) return true;
  if (!digest(login, given, n)) return false;
  if (strcmp(login, s->login) == 0 || strcmp(login, s->refused) == 0) return true;
  if (!al_buf_set(&c->refresh_token, given, n)) return false;
  begin_with(s, login);
  al_token_drop(c->token);
  c->token = NULL;
  al_dpop_drop(c->dpop);
  c->dpop = NULL;
  free(c->dead);
  c->dead = NULL;
  return true;
}

/* A login is named after what it began with. */
static bool name_login (al_credential *c) {
  size_t n = c->refresh_token.n;
  const char *first = c->token != NULL ? al_token_text(c->token, &n) : al_buf_text(&c->refresh_token);
  return c->stored->login[0] != '\0' || digest(c->stored->login, first, n);
}

void al_reconcile_advance (al_credential *c, bool refreshes) {
  al_reconcile *s = c->stored;
  name_login(c); /* or al_reconcile_compose does it */
  s->generation++;
  s->begun = 0;
  s->refused[0] = '\0';
  s->unsaved = true;
  s->owed = s->owed || refreshes;
  s->opened = s->opened || c->opening.n > 0;
}

void al_reconcile_refuse (al_credential *c) {
  digest(c->stored->refused, al_buf_text(&c->refresh_token), c->refresh_token.n);
  al_buf_dispose(&c->refresh_token);
}

/* Life is measured by the clock that only goes forward where the record has it; by the wall clock never for longer than
 * the token's own life. */
static al_token *token_of (const al_credential *c, const al_record *r, const al_clocks *clocks) {
  bool bound = same(&r->token_type, "DPoP"), wanted = c->client->binds && !c->client->unbound_too;
  if (r->access_token.n == 0 || !al_token_printable(r->access_token.bytes, r->access_token.n)) return NULL;
  if ((bound && c->dpop == NULL) || (wanted && !bound)) return NULL;
  int64_t lifetime = r->expires_at < 0 || r->obtained_at < 0 ? -1 : r->expires_at - r->obtained_at;
  if (lifetime < 0 && r->expires_at >= 0) lifetime = 0;
  al_token *t = bound ? al_token_new_bound(c->dpop, r->access_token.bytes, r->access_token.n, lifetime, clocks->now)
                      : al_token_new(r->access_token.bytes, r->access_token.n, lifetime, clocks->now);
  if (t == NULL || lifetime < 0) return t;
  int64_t left = al_record_when(r, r->expires_at, r->expires_clock, clocks) - clocks->now;
  if (left > lifetime) left = r->obtained_at - clocks->wall > AL_STORE_SKEW_MS ? 0 : lifetime;
  if (left < 0)
    left = 0; /* it may have ended before this clock began, and a negative time would say that nobody knows when */
  t->expires_at = clocks->now + left;
  t->obtained_at = t->expires_at - lifetime;
  return t;
}

static void take_dead (al_credential *c, const al_record *r) {
  memcpy(c->stored->refused, al_buf_text(&r->refused), r->refused.n < AL_LOGIN_CHARS ? r->refused.n + 1 : 0);
  al_buf_dispose(&c->refresh_token);
  al_credential_refused(c, al_buf_text(&r->error), al_buf_text(&r->description), 0);
}

/* The key goes with its tokens; where the record has none, it is the program's own. */
static void take_key (al_credential *c, const al_record *r) {
  const al_buf *pem = &r->dpop_key;
  if (c->dpop != NULL && pem->n > 0 && c->dpop->pem.n == pem->n && memcmp(c->dpop->pem.bytes, pem->bytes, pem->n) == 0)
    return; /* as it is */
  al_dpop_drop(c->dpop);
  c->dpop = pem->n > 0 ? al_dpop_read(pem) : al_dpop_hold(c->client->dpop);
  c->stored->keyless = c->dpop == NULL && (pem->n > 0 || same(&r->token_type, "DPoP"));
}

static void take_over (al_credential *c, al_record *r, const al_clocks *clocks) {
  al_reconcile *s = c->stored;
  al_token_drop(c->token);
  take_key(c, r);
  c->token = token_of(c, r, clocks);
  if (c->token != NULL) {
    c->token->serial = ++c->serial;
    al_buf_take(&c->token->scope, &r->granted);
    al_buf_take(&c->reply, &r->reply);
  }
  if (r->refresh_token.n > 0) al_buf_take(&c->refresh_token, &r->refresh_token);
  else al_buf_dispose(&c->refresh_token);
  al_buf_dispose(&c->opening);
  free(c->dead);
  c->dead = NULL;
  snprintf(s->login, sizeof s->login, "%s", al_buf_text(&r->login));
  s->generation = r->generation;
  s->unsaved = s->owed = s->opened = false;
  if (r->dead) take_dead(c, r);
}

/* A dead login doesn't take the place of another that may live; of one and the same login the newer generation counts.
 */
static bool counts (const al_credential *c, const al_record *r) {
  const al_reconcile *s = c->stored;
  if (r->login.n == 0 || r->generation < 1 || s->removing || s->opened) return false;
  if (s->generation == 0) return true;
  if (same(&r->login, s->login))
    return r->generation > s->generation ||
           (r->generation == s->generation && (s->unsaved || s->keyless || (r->dead && c->dead == NULL)));
  if (!r->dead || c->dead != NULL) return true;
  char own[AL_LOGIN_CHARS];
  digest(own, al_buf_text(&c->refresh_token), c->refresh_token.n);
  return same(&r->refused, own);
}

bool al_reconcile_record (al_credential *c, al_record *r, const al_clocks *clocks) {
  bool taken = counts(c, r);
  if (taken) take_over(c, r, clocks);
  if (taken || same(&r->login, c->stored->login)) {
    c->stored->begun = r->begun;
    al_buf_take(&c->stored->unknown, &r->unknown);
  }
  int64_t retry = al_record_when(r, r->retry_at, r->retry_clock, clocks);
  if (retry > clocks->now && retry - clocks->now <= AL_MAX_REST_MS + AL_STORE_SKEW_MS) c->not_before = retry;
  return taken;
}

/* ---- the other way ---- */

static int64_t wall_of (int64_t when, const al_clocks *clocks) {
  int64_t wall = when < 0 ? -1 : clocks->wall + (when - clocks->now);
  return wall < 0 ? -1 : wall;
}

static void put (al_buf *to, const char *text) {
  if (text != NULL) al_buf_adds(to, text);
}

static void put_buf (al_buf *to, const al_buf *from) {
  if (from->n > 0) al_buf_add(to, from->bytes, from->n);
}

static void put_identity (al_record *r, const al_credential *c, const al_client *client) {
  put(&r->issuer, client->issuer);
  put(&r->token_endpoint, client->endpoints[AL_TOKEN_ENDPOINT]);
  put(&r->client_id, client->client_id);
  put(&r->grant, c->grant->name);
  put_buf(&r->account, &c->stored->account);
  put_buf(&r->scope, &c->scope);
  put_buf(&r->resource, &c->resource);
}

static void put_token (al_record *r, const al_token *t, const al_buf *reply, const al_clocks *clocks) {
  size_t n;
  const char *text = al_token_text(t, &n);
  al_buf_add(&r->access_token, text, n);
  put(&r->token_type, t->dpop != NULL ? "DPoP" : "Bearer");
  put_buf(&r->granted, &t->scope);
  put_buf(&r->reply, reply);
  r->obtained_at = wall_of(t->obtained_at, clocks);
  if (t->expires_at < 0) return;
  r->expires_at = wall_of(t->expires_at, clocks);
  if (clocks->clock[0] == '\0') return;
  r->obtained_clock = t->obtained_at - clocks->ahead;
  r->expires_clock = t->expires_at - clocks->ahead;
}

static void put_state (al_record *r, const al_credential *c, const al_clocks *clocks) {
  const al_reconcile *s = c->stored;
  put(&r->login, s->login);
  r->generation = s->generation;
  r->begun = s->begun;
  put(&r->clock, clocks->clock);
  if (c->token != NULL && s->generation > 0) put_token(r, c->token, &c->reply, clocks);
  if (c->not_before > clocks->now) {
    r->retry_at = wall_of(c->not_before, clocks);
    if (clocks->clock[0] != '\0') r->retry_clock = c->not_before - clocks->ahead;
  }
  r->dead = c->dead != NULL;
  if (!r->dead) put_buf(&r->refresh_token, &c->refresh_token);
  if (!r->dead && c->dpop != NULL) put_buf(&r->dpop_key, &c->dpop->pem);
  if (!r->dead) return;
  put(&r->refused, s->refused);
  put(&r->error, c->dead->error);
  put(&r->description, c->dead->description);
}

bool al_reconcile_compose (al_credential *c, const al_client *client, const al_clocks *clocks, al_buf *out) {
  al_record r;
  if (c->stored->generation > 0 && !name_login(c)) return false;
  al_record_init(&r);
  put_identity(&r, c, client);
  put_state(&r, c, clocks);
  put_buf(&r.unknown, &c->stored->unknown);
  bool ok = al_record_write(&r, out);
  al_record_dispose(&r);
  return ok;
}
