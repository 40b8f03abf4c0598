/* client, credential, cache: who shares what with whom. */
#include "world.h"

#include "ground/limits.h"

/* ---- client ---- */

static void clients (void) {
  it("client: begins with the defaults of the list") {
    al_client *c = al_client_new();
    check(c->refs == 1 && c->client_secret.secret && c->settings.timeout_ms == AL_TIMEOUT_MS &&
          c->settings.connect_timeout_ms == AL_CONNECT_TIMEOUT_MS);
    check(c->settings.max_body == AL_MAX_BODY && c->settings.retries == AL_RETRIES && !c->wants_notes);
    check(al_client_hold(c) == c && c->refs == 2);
    al_client_drop(c);
    al_client_drop(c);
    al_client_drop(NULL);
  }
  it("client: the same things said make the same identity, anything else another [39]") {
    al_client *a = new_client("id", "secret");
    unsigned char first[32];
    memcpy(first, a->identity, 32);
    check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) == 0);
    check(al_client_identify(a, 1) && memcmp(first, a->identity, 32) != 0);
    al_buf_addc(&a->client_secret, 'x');
    check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) != 0);
    al_buf_set(&a->client_secret, "secret", 6);
    a->client_id[0] = 'I';
    check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) != 0);
    a->client_id[0] = 'i';
    a->auth = al_clientauth_find("client_secret_post");
    check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) != 0);
    a->auth = al_clientauth_find("client_secret_basic");
    for (int i = 0; i < AL_ENDPOINTS; i++) {
      char *was = a->endpoints[i];
      a->endpoints[i] = (char[]){ "https://other.example" };
      check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) != 0);
      a->endpoints[i] = was;
    }
    check(al_client_identify(a, 0) && memcmp(first, a->identity, 32) == 0);
    al_client_drop(a);
  }
  it("client: what moves over from one part to the next makes another identity") {
    al_client *a = new_client("ab", "c"), *b = new_client("a", "bc");
    check(memcmp(a->identity, b->identity, 32) != 0);
    char *x = (char[]){ "https://x.example" }, *kept[2] = { a->endpoints[1], a->endpoints[2] };
    unsigned char one[32];
    a->endpoints[1] = x, a->endpoints[2] = NULL;
    check(al_client_identify(a, 0));
    memcpy(one, a->identity, 32);
    a->endpoints[1] = NULL, a->endpoints[2] = x;
    check(al_client_identify(a, 0) && memcmp(one, a->identity, 32) != 0);
    a->endpoints[1] = kept[0], a->endpoints[2] = kept[1];
    al_client_drop(a);
    al_client_drop(b);
  }
  it("client: a public one and one with nothing set have identities too") {
    al_client *c = al_client_new();
    c->auth = al_clientauth_default(false, false);
    check(al_client_identify(c, 0));
    al_client_drop(c);
  }
  it("client: notes are kept in order, the oldest stay, and nobody's are not kept") {
    al_client *c = al_client_new();
    al_client_note(c, "unwanted", 1, "", -1);
    check(c->noted == 0);
    c->wants_notes = true;
    for (int i = 0; i < al_most_notes + 5; i++)
      al_client_note(c, "n", i, "a code that is much longer than sixty-three letters, and so it is cut short", i);
    check(c->noted == al_most_notes && c->notes[0].status == 0 &&
          c->notes[al_most_notes - 1].wait_ms == al_most_notes - 1);
    check(strlen(c->notes[3].code) == AL_MAX_CODE - 1);
    al_client_drop(c);
  }
}

/* ---- credential ---- */

static void credentials (void) {
  it("credential: [6749-22] adopt replaces the refresh token by a new one, and keeps the old where none came") {
    world w = world_of(&al_grant_refresh_token, "r1");
    al_reply r;
    al_reply_init(&r);
    al_buf_adds(&r.access_token, "t1");
    check(al_credential_adopt(w.credential, &r, w.now) && holds(&w.credential->refresh_token, "r1"));
    al_reply_dispose(&r);
    al_reply_init(&r);
    al_buf_adds(&r.access_token, "t2");
    al_buf_adds(&r.refresh_token, "r2");
    check(al_credential_adopt(w.credential, &r, w.now) && holds(&w.credential->refresh_token, "r2") &&
          w.credential->refresh_token.secret);
    check(line_is(w.credential->token, "t2") && w.credential->token->serial == 2 && w.credential->serial == 2);
    al_reply_dispose(&r);
    world_end(&w);
  }
  it("credential: the granted scope is told where the server gave one, else the one asked for [6749-20]") {
    world w = world_of(&al_grant_client_credentials, "");
    al_buf_adds(&w.credential->scope, "asked");
    check(holds(al_credential_scope(w.credential), "asked"));
    give_token(&w, "t", -1);
    check(holds(al_credential_scope(w.credential), "asked"));
    al_reply r;
    al_reply_init(&r);
    al_buf_adds(&r.access_token, "t");
    al_buf_adds(&r.scope, "granted");
    check(al_credential_adopt(w.credential, &r, w.now) && holds(al_credential_scope(w.credential), "granted"));
    al_credential_refuse(w.credential, w.credential->serial);
    check(holds(al_credential_scope(w.credential), "asked"));
    al_reply_dispose(&r);
    world_end(&w);
  }
  it("credential: refuse drops exactly the token of that serial") {
    world w = world_of(&al_grant_client_credentials, "");
    al_credential_refuse(w.credential, 0);
    give_token(&w, "t1", -1);
    give_token(&w, "t2", -1);
    al_credential_refuse(w.credential, 1);
    check(line_is(w.credential->token, "t2"));
    al_credential_refuse(w.credential, 2);
    check(w.credential->token == NULL);
    al_credential_refuse(w.credential, 2);
    give_token(&w, "t3", -1);
    check(w.credential->token->serial == 3);
    world_end(&w);
  }
  it("credential: a token in use outlives its refusal") {
    world w = world_of(&al_grant_client_credentials, "");
    give_token(&w, "t1", -1);
    al_token *held = al_token_hold(w.credential->token);
    al_credential_refuse(w.credential, 1);
    check(w.credential->token == NULL && line_is(held, "t1"));
    al_token_drop(held);
    world_end(&w);
  }
  it("credential: buried, it remembers why, and can't be renewed; a second burial says the newer why") {
    world w = world_of(&al_grant_refresh_token, "r");
    al_fault f;
    check(al_credential_renewable(w.credential));
    al_fault_set(&f, AL_OAUTH, AL_REVOKED, "first", "m");
    al_credential_bury(w.credential, &f);
    check(!al_credential_renewable(w.credential) && strcmp(w.credential->dead->code, "first") == 0);
    al_fault_set(&f, AL_OAUTH, AL_REVOKED, "second", "m");
    al_credential_bury(w.credential, &f);
    check(strcmp(w.credential->dead->code, "second") == 0 && holds(&w.credential->refresh_token, "r"));
    world_end(&w);
  }
  it("credential: a good reply brings a buried one back to life") {
    world w = world_of(&al_grant_refresh_token, "r");
    al_fault f;
    al_fault_set(&f, AL_OAUTH, AL_REVOKED, "login_required", "m");
    al_credential_bury(w.credential, &f);
    give_token(&w, "t", 1000);
    check(w.credential->dead == NULL && al_credential_renewable(w.credential));
    world_end(&w);
  }
  it("credential: a good reply ends the wish to be left alone") {
    world w = world_of(&al_grant_refresh_token, "r");
    w.credential->not_before = w.now + 5000;
    give_token(&w, "t", 1000);
    check(w.credential->not_before == -1);
    world_end(&w);
  }
  it("credential: a permanent token can't be renewed") {
    world w = world_of(&al_grant_permanent_token, "p");
    check(!al_credential_renewable(w.credential) && line_is(w.credential->token, "p") &&
          w.credential->token->expires_at == -1);
    check(w.credential->token->serial == 1 && w.credential->serial == 1 && w.credential->refresh_token.n == 0);
    world_end(&w);
  }
}

/* ---- cache ---- */

static void sharing (void) {
  al_client *c = new_client("id", "secret"), *again = new_client("id", "secret"), *other = new_client("id", "Secret");
  al_cache cache;
  al_cache_init(&cache);
  al_identity who = identity(c, &al_grant_refresh_token, "r");
  who.scope = "a b", who.scope_n = 3;
  al_credential *first = al_cache_find(&cache, &who, 0);
  it("cache: whoever means the same token gets the same credential") {
    check(first != NULL && first->refs == 1 && holds(&first->scope, "a b") && holds(&first->refresh_token, "r") &&
          first->token == NULL && first->not_before == -1);
    al_identity same = who;
    same.client = again;
    al_credential *second = al_cache_find(&cache, &same, 5);
    check(second == first && first->refs == 2 && cache.count == 1 && cache.idle == 0 && first->client == c);
    al_cache_release(second);
  }
  for (int i = 0; i < 9; i++) {
    static const char *const what[] = { "client secret", "grant",       "account",
                                        "scope",         "given token", "place of a border",
                                        "empty scope",   "word's case", "account behind a NUL" };
    it("cache: another %s, another credential [39]", what[i]) {
      al_identity differs = who;
      if (i == 0) differs.client = other;
      else if (i == 1) differs.grant = &al_grant_client_credentials;
      else if (i == 2) differs.account = "other", differs.account_n = 5;
      else if (i == 3) differs.scope = "a c";
      else if (i == 4) differs.given = "R";
      else if (i == 5) differs.account = "defaul", differs.account_n = 6, differs.scope = "ta b", differs.scope_n = 4;
      else if (i == 6) differs.scope_n = 0;
      else if (i == 7) differs.scope = "a B";
      else differs.account = "default\0other", differs.account_n = 13;
      al_credential *second = al_cache_find(&cache, &differs, 0);
      check(second != NULL && second != first);
      al_cache_release(second);
    }
  }
  it("cache: another order of a scope's words, and a word twice, are the same credential") {
    al_identity same = who;
    same.scope = "b  a b", same.scope_n = 6;
    al_credential *second = al_cache_find(&cache, &same, 0);
    check(second == first && first->scope.n == who.scope_n && memcmp(first->scope.bytes, "a b", 3) == 0);
    al_cache_release(second);
  }
  it("cache: what nobody holds is kept, token and all, for whoever comes next") {
    al_token *t = al_token_new("kept", 4, -1, 0);
    first->token = t;
    size_t idle = cache.idle;
    al_cache_release(first);
    check(cache.idle == idle + 1);
    al_credential *later = al_cache_find(&cache, &who, 0);
    check(later == first && later->token == t && later->refs == 1 && cache.idle == idle);
    first = later;
  }
  it("cache: an identity too large for its key is refused") {
    al_identity huge = who;
    huge.given_n = 4 * AL_MAX_SECRET;
    char *given = calloc(1, huge.given_n);
    huge.given = given;
    check(al_cache_find(&cache, &huge, 0) == NULL);
    free(given);
  }
  it("cache: a scope beyond its ceiling is refused, and leaves nothing") {
    al_identity huge = who;
    huge.scope_n = AL_MAX_SCOPE + 1;
    char *scope = calloc(1, huge.scope_n);
    huge.scope = scope;
    size_t count = cache.count;
    check(al_cache_find(&cache, &huge, 0) == NULL && cache.count == count);
    free(scope);
  }
  al_cache_release(first);
  al_cache_dispose(&cache);
  al_client_drop(c);
  al_client_drop(again);
  al_client_drop(other);
}

static al_credential *numbered (al_cache *cache, al_client *c, int i) {
  char account[20];
  snprintf(account, sizeof account, "%d", i);
  al_identity who = identity(c, &al_grant_client_credentials, "");
  who.account = account;
  who.account_n = strlen(account);
  return al_cache_find(cache, &who, 0);
}

static void eviction (void) {
  enum { extra = 10, many = AL_MAX_IDLE_CREDENTIALS + extra };
  al_client *c = new_client("id", "secret");
  al_cache cache;
  al_cache_init(&cache);
  static al_credential *all[many];
  it("cache: thousands of credentials are each found again") {
    for (int i = 0; i < many; i++) all[i] = numbered(&cache, c, i);
    check(cache.count == many && cache.bucket_count >= many && cache.idle == 0);
    for (int i = 0; i < many; i++) {
      check(numbered(&cache, c, i) == all[i]);
      al_cache_release(all[i]);
    }
  }
  it("cache: beyond the ceiling the longest unused go first") {
    al_cache_release(all[1]);
    al_cache_release(all[0]);
    for (int i = 2; i < many; i++) {
      al_cache_release(all[i]);
      check(cache.idle <= AL_MAX_IDLE_CREDENTIALS);
    }
    check(cache.idle == AL_MAX_IDLE_CREDENTIALS && cache.count == AL_MAX_IDLE_CREDENTIALS);
    check(cache.oldest == all[extra] && cache.newest == all[many - 1]);
  }
  it("cache: to be used again makes one the newest") {
    check(numbered(&cache, c, extra) == all[extra] && cache.oldest == all[extra + 1] &&
          cache.idle == AL_MAX_IDLE_CREDENTIALS - 1);
    al_cache_release(all[extra]);
    check(cache.newest == all[extra] && cache.newest->older == all[many - 1] && cache.newest->newer == NULL);
  }
  it("cache: one taken from the middle leaves the row whole") {
    al_credential *middle = numbered(&cache, c, extra + 5);
    check(middle == all[extra + 5] && all[extra + 4]->newer == all[extra + 6] &&
          all[extra + 6]->older == all[extra + 4]);
    al_cache_release(middle);
    size_t count = 0;
    for (al_credential *p = cache.oldest; p != NULL; p = p->newer) count++;
    check(count == cache.idle && cache.newest == middle);
  }
  it("cache: what is held is never evicted") {
    al_credential *held = numbered(&cache, c, extra + 7);
    for (int i = 0; i < 2 * AL_MAX_IDLE_CREDENTIALS; i++) al_cache_release(numbered(&cache, c, 100000 + i));
    check(cache.idle == AL_MAX_IDLE_CREDENTIALS && numbered(&cache, c, extra + 7) == held && held->refs == 2);
    al_cache_release(held);
    al_cache_release(held);
  }
  it("cache: what is held outlives the cache, and takes its client along") {
    al_credential *held = numbered(&cache, c, 7777777);
    check(al_cache_hold(held) == held && held->refs == 2);
    al_cache_dispose(&cache);
    check(held->cache == NULL && cache.count == 0 && cache.buckets == NULL && c->refs == 2);
    al_cache_release(held);
    al_cache_release(held);
    check(c->refs == 1);
    al_cache_release(NULL);
  }
  it("cache: may be used again after it let go of all") {
    al_credential *x = numbered(&cache, c, 1);
    check(x != NULL && x->cache == &cache);
    al_cache_release(x);
    al_cache_dispose(&cache);
  }
  al_client_drop(c);
}

int main (void) {
  clients();
  credentials();
  sharing();
  eviction();
  return test_over();
}
