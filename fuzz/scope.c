/* Two scopes, each a line: the same set of words finds the same credential, another one another; none breaks out of its
 * form. */
#include "fuzz.h"
#include "law/cache.h"
#include "law/scope.h"

static al_credential *find (al_cache *cache, al_client *client, const char *scope, size_t n) {
  al_identity who = { .client = client,
                      .grant = &al_grant_client_credentials,
                      .account = "a",
                      .account_n = 1,
                      .scope = scope,
                      .scope_n = n,
                      .given = "" };
  return al_cache_find(cache, &who, 1);
}

static void judge_form (const al_buf *scope) {
  al_buf form = AL_BUF_SECRET(1 << 20);
  must(al_grant_client_credentials.fill(&form, scope));
  int fields = 0;
  for (size_t i = 0; i < form.n; i++) {
    must(form.bytes[i] > 0x20 && form.bytes[i] < 0x7F);
    if (form.bytes[i] == '=') fields++;
  }
  must(fields == (scope->n > 0 ? 2 : 1));
  al_buf_dispose(&form);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  size_t a_n, b_n;
  const char *a = input_line(&in, &a_n), *b = input_rest(&in, &b_n);
  al_client *client = al_client_new();
  al_cache cache;
  al_cache_init(&cache);
  al_credential *one = find(&cache, client, a, a_n), *again = find(&cache, client, a, a_n),
                *other = find(&cache, client, b, b_n);
  must(one == again);
  must((one == NULL) == (a_n > AL_MAX_SCOPE));
  bool same = al_scope_covers(a, a_n, b, b_n) && al_scope_covers(b, b_n, a, a_n);
  must(one == NULL || other == NULL || (one == other) == same);
  if (one != NULL) judge_form(&one->scope);
  al_cache_release(one);
  al_cache_release(again);
  al_cache_release(other);
  al_cache_dispose(&cache);
  al_client_drop(client);
  input_over(&in);
  return 0;
}
