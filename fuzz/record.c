/*
 * A stored token's record, as a file or a program's own store gives it. First byte: what the credential that hears of
 * it has already. What is read can be written and read again, word by word; what a credential takes over is fit to be
 * sent, and becomes a record again.
 */
#include "law/record.h"

#include "fuzz.h"
#include "ground/crypto.h"
#include "ground/limits.h"
#include "law/cache.h"
#include "law/reconcile.h"

enum { most = 8 * AL_MAX_RECORD, hour = 3600 * 1000 };

static char *copy_of (const char *text) {
  char *copy = strdup(text);
  if (copy == NULL) abort();
  return copy;
}

static al_client *client_of (void) {
  al_client *c = al_client_new();
  if (c == NULL) abort();
  c->endpoints[AL_TOKEN_ENDPOINT] = copy_of("https://auth.example/token");
  c->client_id = copy_of("porter");
  c->auth = al_clientauth_default(false, false);
  must(al_client_identify(c, 0));
  return c;
}

static al_credential *credential_of (al_cache *cache, al_client *client, unsigned has, int64_t now) {
  static const char given[] = "given";
  al_identity who = { .client = client,
                      .grant = &al_grant_refresh_token,
                      .account = "a",
                      .account_n = 1,
                      .scope = "",
                      .given = given,
                      .stored = true };
  who.given_n = has & 1 ? sizeof given - 1 : 0;
  al_credential *c = al_cache_find(cache, &who, now);
  if (c == NULL) abort();
  if (has & 2) {
    al_reply r;
    al_reply_init(&r);
    al_buf_adds(&r.access_token, "old");
    al_buf_adds(&r.refresh_token, "older");
    r.lifetime_ms = hour;
    must(al_credential_adopt(c, &r, now));
    al_reply_dispose(&r);
    c->stored->unsaved = (has & 4) != 0;
  }
  return c;
}

static void judge_credential (const al_credential *c, const al_clocks *clocks) {
  const al_reconcile *s = c->stored;
  size_t n;
  must(memchr(s->login, '\0', sizeof s->login) != NULL && memchr(s->refused, '\0', sizeof s->refused) != NULL);
  must(s->generation >= 0 && s->begun >= 0);
  must(c->dead == NULL || c->refresh_token.n == 0);
  must(c->dead == NULL ||
       (printable(c->dead->message, sizeof c->dead->message) && printable(c->dead->error, sizeof c->dead->error) &&
        printable(c->dead->description, sizeof c->dead->description)));
  must(c->not_before < 0 || c->not_before <= clocks->now + (int64_t)AL_MAX_TIMEOUT_S * 1000);
  if (c->token == NULL) return;
  const char *text = al_token_text(c->token, &n);
  must(n > 0 && al_token_printable(text, n));
  must(c->token->expires_at == -1 || c->token->expires_at >= clocks->now);
}

/* The credential as a record again, which must be read, and tell it nothing new. */
static void write_again (al_credential *c, const al_client *client, const al_clocks *clocks) {
  al_buf text = AL_BUF_SECRET(most);
  al_record r;
  al_record_init(&r);
  bool holds = c->stored->login[0] != '\0' || (c->token == NULL && c->refresh_token.n == 0 && c->dead == NULL);
  bool able = c->dead != NULL || c->token != NULL || c->refresh_token.n > 0 || c->stored->login[0] == '\0';
  if (al_reconcile_compose(c, client, clocks, &text) && text.n < AL_MAX_RECORD && holds && able) {
    must(al_record_read(&r, al_buf_text(&text), text.n) == AL_RECORD_READ);
    must(r.generation == c->stored->generation && r.dead == (c->dead != NULL));
    int64_t generation = c->stored->generation;
    al_reconcile_record(c, &r, clocks);
    must(c->stored->generation == generation);
    judge_credential(c, clocks);
  }
  al_record_dispose(&r);
  al_buf_dispose(&text);
}

static void hear (al_record *r, unsigned has) {
  al_cache cache;
  al_cache_init(&cache);
  al_client *client = client_of();
  al_clocks clocks = {
    .now = 1000000, .wall = 1700000000000, .clock = has & 8 ? "boot" : "", .ahead = has & 16 ? 5000 : 0
  };
  al_credential *c = credential_of(&cache, client, has, clocks.now);
  char login[AL_LOGIN_CHARS];
  memcpy(login, c->stored->login, sizeof login);
  int64_t generation = c->stored->generation;
  bool taken = al_reconcile_record(c, r, &clocks);
  if (!taken || strcmp(login, c->stored->login) == 0) must(c->stored->generation >= generation); /* no way back */
  if (!taken && has & 2) must(c->token != NULL && c->refresh_token.n == 5);
  judge_credential(c, &clocks);
  write_again(c, client, &clocks);
  al_cache_release(c);
  al_cache_dispose(&cache);
  al_client_drop(client);
}

static void same_again (const al_record *r) {
  al_buf one = AL_BUF_SECRET(most), two = AL_BUF_SECRET(most);
  al_record again;
  al_record_init(&again);
  must(al_record_write(r, &one));
  if (one.n < AL_MAX_RECORD / 2) { /* escapes may make it longer than it may be */
    must(al_record_read(&again, al_buf_text(&one), one.n) == AL_RECORD_READ);
    must(al_record_write(&again, &two) && one.n == two.n && memcmp(one.bytes, two.bytes, one.n) == 0);
  }
  al_record_dispose(&again);
  al_buf_dispose(&one);
  al_buf_dispose(&two);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  unsigned has = input_byte(&in);
  size_t size;
  const char *text = input_rest(&in, &size);
  al_record r;
  al_record_init(&r);
  if (al_record_read(&r, text, size) == AL_RECORD_READ) {
    must(r.generation >= 0 && r.begun >= 0 && r.obtained_at >= -1 && r.expires_at >= -1 && r.retry_at >= -1);
    same_again(&r);
    hear(&r, has);
  }
  al_record_dispose(&r);
  input_over(&in);
  return 0;
}
