/*
 * world · a client, its credential and a made-up clock, for the tests of what happens between them
 */
#ifndef AL_SPEC_WORLD_H
#define AL_SPEC_WORLD_H

#include "test.h"

#include <limits.h>
#include <stdint.h>

#include "law/cache.h"
#include "law/flow.h"
#include "law/transaction.h"

typedef struct world {
  al_client *client;
  al_cache cache;
  al_credential *credential;
  al_request request;
  al_flow flow;
  union {
    al_renewal renewal;
    al_transaction transaction; /* which begins with it */
  };
  int64_t now;
} world;

static inline al_client *new_client (const char *id, const char *secret) {
  al_client *c = al_client_new();
  if (c == NULL) return NULL;
  c->endpoints[AL_TOKEN_ENDPOINT] = al_text_copy("https://auth.example/token?tenant=a");
  c->endpoints[AL_BASE_URL] = al_text_copy("https://api.example/v1/");
  c->client_id = al_text_copy(id);
  bool ok = c->endpoints[AL_TOKEN_ENDPOINT] != NULL && c->endpoints[AL_BASE_URL] != NULL && c->client_id != NULL;
  ok = ok && al_url_parse(&c->home, c->endpoints[AL_BASE_URL], strlen(c->endpoints[AL_BASE_URL])) == NULL;
  c->auth = al_clientauth_default(secret[0] != '\0', false);
  c->wants_notes = true;
  if (ok && al_buf_adds(&c->client_secret, secret) && al_client_identify(c, 0)) return c;
  al_client_drop(c);
  return NULL;
}

static inline al_identity identity (al_client *client, const al_grant *grant, const char *given) {
  return (al_identity){ .client = client,
                        .grant = grant,
                        .account = "default",
                        .account_n = 7,
                        .scope = "",
                        .given = given,
                        .given_n = strlen(given) };
}

/* The clock begins at a million, so that nothing is 0 by chance. */
static inline world world_of (const al_grant *grant, const char *given) {
  world w = { .now = 1000000 };
  al_cache_init(&w.cache);
  w.client = new_client("id", "secret");
  al_identity who = identity(w.client, grant, given);
  w.credential = al_cache_find(&w.cache, &who, w.now);
  al_request_init(&w.request);
  al_request_target(&w.request, w.client->endpoints[AL_BASE_URL], &w.client->home, "me", 2, NULL, 0);
  return w;
}

static inline void world_end (world *w) {
  if (w->credential != NULL) w->credential->cache = &w->cache; /* which has moved since world_of made it */
  al_flow_dispose(&w->flow);
  al_request_dispose(&w->request);
  al_cache_release(w->credential);
  al_cache_dispose(&w->cache);
  al_client_drop(w->client);
}

static inline al_answer answer_of (int status, const char *head, const char *body) {
  return (al_answer){ .status = status,
                      .head = head,
                      .head_n = strlen(head),
                      .body = body,
                      .body_n = strlen(body),
                      .wall_ms = 784111777000 };
}

/* Gives the credential a token as if the server had. */
static inline void give_token (world *w, const char *text, int64_t lifetime_ms) {
  al_reply r;
  al_reply_init(&r);
  al_buf_adds(&r.access_token, text);
  r.lifetime_ms = lifetime_ms;
  check(al_credential_adopt(w->credential, &r, w->now));
  al_reply_dispose(&r);
}

/* Lets go of the renewal, as the engine does. */
static inline void renewal_end (world *w) {
  al_credential *held = w->renewal.credential;
  al_renewal_dispose(&w->renewal);
  al_cache_release(held);
}

/* Makes the renewal's request as it goes out now. */
static inline bool compose (world *w) {
  al_stamp stamp = { .wall_ms = 1700000000000 + w->now };
  return al_renewal_compose(&w->renewal, &stamp);
}

/* One token call from beginning to end, answered so; what al_renewal_next says at its end. */
static inline al_next renew_with (world *w, int status, const char *head, const char *body) {
  al_renewal_begin(&w->renewal, w->credential->client, w->credential, NULL, w->now);
  al_next next = al_renewal_next(&w->renewal, w->now);
  if (next != AL_NEXT_SEND || !compose(w)) return next;
  al_answer a = answer_of(status, head, body);
  al_renewal_answered(&w->renewal, &a, 0, w->now);
  return al_renewal_next(&w->renewal, w->now);
}

static inline bool line_is (const al_token *t, const char *text) {
  size_t n = 0;
  const char *p = t != NULL ? al_token_text(t, &n) : "";
  return t != NULL && is(p, n, text);
}

static inline int noted (const al_client *c, const char *name) {
  int count = 0;
  for (int i = 0; i < c->noted; i++) count += strcmp(c->notes[i].name, name) == 0;
  return count;
}

#endif
