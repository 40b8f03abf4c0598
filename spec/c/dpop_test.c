/* dpop and nonce: proofs by a made-up moment, and what flow, renewal and record do with the key. */
#include "world.h"
#include "ground/key_text.h"

#include "ground/encode.h"
#include "ground/jws.h"
#include "law/record.h"
#include "law/reconcile.h"

static al_stamp stamp_of (unsigned char chance) {
  al_stamp m = { .wall_ms = 1700000000999 };
  memset(m.random, chance, sizeof m.random);
  return m;
}

static al_url url_of (const char *text) {
  al_url u;
  check(al_url_parse(&u, text, strlen(text)) == NULL);
  return u;
}

/* The decoded parts of a proof's line, signed by the key; to be disposed of. */
static al_jws_parts parts_of (const al_dpop *d, const al_buf *line) {
  al_jws_parts p = { .signed_n = 0 };
  size_t lead = strlen("DPoP: ");
  check(line->n > lead && memcmp(line->bytes, "DPoP: ", lead) == 0 &&
        al_jws_split(&p, line->bytes + lead, line->n - lead));
  check(al_jws_verify(d->alg, d->key, line->bytes + lead, p.signed_n, al_buf_text(&p.signature), p.signature.n));
  return p;
}

static bool payload_is (const al_dpop *d, const char *method, const char *url, const char *ath, const char *nonce,
                        const char *text) {
  al_buf line = AL_BUF(AL_MAX_JWT);
  al_stamp m = stamp_of(0);
  al_url where = url_of(url);
  check(al_dpop_prove(d, &line, method, &where, ath, nonce, &m));
  al_jws_parts p = parts_of(d, &line);
  bool same = holds(&p.payload, text);
  al_jws_parts_dispose(&p);
  al_buf_dispose(&line);
  return same;
}

static void proofs (void) {
  it("dpop: the header has typ, alg and the public key, made once [9449-01]") {
    al_dpop *d = al_dpop_new();
    al_buf line = AL_BUF(AL_MAX_JWT), jwk = AL_BUF(AL_MAX_JWT), header = AL_BUF(AL_MAX_JWT);
    al_stamp m = stamp_of(1);
    al_url where = url_of("https://a.example/");
    check(d != NULL && d->key->private && strcmp(d->alg, "ES256") == 0 && d->pem.secret);
    check(al_dpop_prove(d, &line, "GET", &where, NULL, NULL, &m) && al_key_jwk(d->key, &jwk));
    al_jws_parts p = parts_of(d, &line);
    al_buf_addf(&header, "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":%s}", al_buf_text(&jwk));
    check(holds(&p.header, al_buf_text(&header)) && strstr(header.bytes, "\"d\"") == NULL);
    al_jws_parts_dispose(&p);
    al_buf_dispose(&line);
    al_buf_dispose(&jwk);
    al_buf_dispose(&header);
    al_dpop_drop(d);
  }
  it("dpop: the payload has jti, htm, htu without query, iat, and ath and nonce where there are any [9449-02] "
     "[9449-03]") {
    al_dpop *d = al_dpop_new();
    check(payload_is(
      d, "POST", "https://a.example/token?x=1", NULL, NULL,
      "{\"jti\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"htm\":\"POST\",\"htu\":\"https://a.example/token\",\"iat\":1700000000}"));
    check(payload_is(
      d, "GET", "HTTP://LOCALHOST:8080", "hash", "n\"\\",
      "{\"jti\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"htm\":\"GET\",\"htu\":\"http://localhost:8080/\",\"iat\":1700000000,"
      "\"ath\":\"hash\",\"nonce\":\"n\\\"\\\\\"}"));
    al_dpop_drop(d);
  }
  it("dpop: jti is the moment's chance, and not that of an assertion beside it [9449-02]") {
    al_dpop *d = al_dpop_new();
    al_buf line = AL_BUF(AL_MAX_JWT), text = AL_BUF(64);
    al_stamp m = stamp_of(0);
    al_url where = url_of("https://a.example/");
    for (int i = 16; i < 32; i++) m.random[i] = (unsigned char)i;
    check(al_dpop_prove(d, &line, "GET", &where, NULL, NULL, &m) && al_encode_base64url(&text, m.random + 16, 16));
    al_jws_parts p = parts_of(d, &line);
    check(strstr(al_buf_text(&p.payload), al_buf_text(&text)) != NULL);
    al_jws_parts_dispose(&p);
    al_buf_dispose(&line);
    al_buf_dispose(&text);
    al_dpop_drop(d);
  }
  it("dpop: an origin is written in one way") {
    static const char *const rows[][2] = { { "https://A.example:443/x", "https://a.example" },
                                           { "http://[::1]:80", "http://[::1]" },
                                           { "https://a.example:8443/?q", "https://a.example:8443" } };
    for (int i = 0; i < 3; i++) {
      al_buf out = AL_BUF(100);
      al_url where = url_of(rows[i][0]);
      check(al_dpop_origin(&out, &where) && holds(&out, rows[i][1]));
      al_buf_dispose(&out);
    }
  }
  it("dpop: ath is SHA-256 in base64url, as in RFC 9449 section 7.1 [9449-03]") {
    static const char token[] = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    char ath[AL_DIGEST_CHARS + 1];
    check(al_dpop_ath(ath, token, sizeof token - 1) && strcmp(ath, "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo") == 0);
  }
  it("dpop: a key that was drawn comes back from its PEM; what isn't one doesn't, nor an algorithm of another kind") {
    al_dpop *d = al_dpop_new(), *again = al_dpop_read(&d->pem);
    al_buf odd = AL_BUF(100);
    al_buf_adds(&odd, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    check(again != NULL && strcmp(d->jkt, again->jkt) == 0 && strlen(d->jkt) == AL_DIGEST_CHARS);
    check(al_dpop_read(&odd) == NULL && al_dpop_of(d->key, "RS256") == NULL && al_dpop_of(d->key, "HS256") == NULL);
    al_dpop *own = al_dpop_of(d->key, NULL);
    check(own != NULL && own->pem.n == 0 && strcmp(own->jkt, d->jkt) == 0);
    al_dpop_drop(own);
    al_dpop_drop(again);
    al_dpop_drop(d);
    al_buf_dispose(&odd);
  }
}

static bool hear (al_nonces *all, al_nonce_of of, const char *url, const char *nonce) {
  char head[2048];
  al_url where = url_of(url);
  snprintf(head, sizeof head, "Date: x\r\ndpop-nonce: %s\r\n\r\n", nonce);
  return al_nonces_hear(all, of, &where, head, strlen(head));
}

static bool knows (const al_nonces *all, al_nonce_of of, const char *url, const char *nonce) {
  al_url where = url_of(url);
  const char *found = al_nonces_find(all, of, &where);
  return nonce == NULL ? found == NULL : found != NULL && strcmp(found, nonce) == 0;
}

static void nonces (void) {
  it("nonce: the newest of each origin is kept, of a server and of an API apart [9449-04]") {
    al_nonces all = { .count = 0 };
    check(knows(&all, AL_OF_SERVER, "https://a.example/", NULL));
    check(hear(&all, AL_OF_SERVER, "https://a.example/token", "one") &&
          hear(&all, AL_OF_RESOURCE, "https://a.example/api", "two"));
    check(hear(&all, AL_OF_SERVER, "https://A.example:443/par?x", "three") &&
          hear(&all, AL_OF_SERVER, "https://a.example:444/", "four"));
    check(knows(&all, AL_OF_SERVER, "https://a.example", "three") &&
          knows(&all, AL_OF_RESOURCE, "https://a.example/x", "two"));
    check(knows(&all, AL_OF_SERVER, "https://a.example:444/", "four") &&
          knows(&all, AL_OF_RESOURCE, "https://b.example/", NULL));
    al_nonces_dispose(&all);
  }
  it("nonce: one with a character that none may have, or too long, counts as none [9449-04]") {
    al_nonces all = { .count = 0 };
    char text[AL_MAX_NONCE + 2];
    memset(text, 'x', sizeof text);
    text[AL_MAX_NONCE + 1] = '\0';
    check(!hear(&all, AL_OF_SERVER, "https://a.example/", text) && !hear(&all, AL_OF_SERVER, "https://a.example/", ""));
    check(!hear(&all, AL_OF_SERVER, "https://a.example/", "a b") &&
          !hear(&all, AL_OF_SERVER, "https://a.example/", "a\"b"));
    text[AL_MAX_NONCE] = '\0';
    check(hear(&all, AL_OF_SERVER, "https://a.example/", text) && all.count == 1);
    al_nonces_dispose(&all);
  }
  it("nonce: there is a ceiling, beyond which the origin heard of first gives way [9449-04]") {
    al_nonces all = { .count = 0 };
    char url[64];
    for (int i = 0; i <= AL_MAX_NONCES; i++) {
      snprintf(url, sizeof url, "https://a.example:%d/", 1000 + i);
      check(hear(&all, AL_OF_RESOURCE, url, "n"));
    }
    check(all.count == AL_MAX_NONCES && knows(&all, AL_OF_RESOURCE, "https://a.example:1000/", NULL));
    check(knows(&all, AL_OF_RESOURCE, "https://a.example:1001/", "n") && knows(&all, AL_OF_RESOURCE, url, "n"));
    al_nonces_dispose(&all);
  }
}

/* ---- with the rest of the law ---- */

static world bound_world (const al_grant *grant, const char *given) {
  world w = { .now = 1000000 };
  al_cache_init(&w.cache);
  w.client = new_client("id", "secret");
  w.client->binds = true;
  check(al_client_identify(w.client, 0));
  al_identity who = identity(w.client, grant, given);
  who.stored = true;
  w.credential = al_cache_find(&w.cache, &who, w.now);
  al_request_init(&w.request);
  al_request_target(&w.request, w.client->endpoints[AL_BASE_URL], &w.client->home, "me", 2, NULL, 0);
  return w;
}

/* As the store is dealt with elsewhere, it is taken away once the record's name is known. */
static void leave_store (world *w) {
  al_reconcile_free(w->credential->stored);
  w->credential->stored = NULL;
}

static bool has_nonce (const world *w, const char *nonce) {
  al_jws_parts p = parts_of(w->credential->dpop, &w->renewal.request.proof);
  bool found = strstr(al_buf_text(&p.payload), nonce) != NULL;
  al_jws_parts_dispose(&p);
  return found;
}

static void token_calls (void) {
  it("renewal: a proof beside the client's own, and use_dpop_nonce leads to one repeat with the nonce [9449-04]") {
    world w = bound_world(&al_grant_client_credentials, "");
    leave_store(&w);
    al_renewal_begin(&w.renewal, w.client, w.credential, NULL, w.now);
    check(compose(&w) && w.renewal.authorization.n > 0 && !has_nonce(&w, "nonce"));
    al_answer a = answer_of(400, "DPoP-Nonce: newest\r\n\r\n", "{\"error\":\"use_dpop_nonce\"}");
    al_renewal_answered(&w.renewal, &a, 0, w.now);
    check(al_renewal_next(&w.renewal, w.now) == AL_NEXT_SEND && compose(&w) && has_nonce(&w, "\"nonce\":\"newest\""));
    al_renewal_answered(&w.renewal, &a, 0, w.now);
    check(al_renewal_next(&w.renewal, w.now) == AL_NEXT_FAIL && strcmp(w.renewal.fault.code, "use_dpop_nonce") == 0);
    renewal_end(&w);
    world_end(&w);
  }
  static const struct {
    const char *what, *type, *code;
    bool binds, allows, taken;
  } rows[] = {
    { "DPoP, as asked for, is taken", "DPoP", "", true, false, true },
    { "dpop in small letters is the same", "dpop", "", true, false, true },
    { "[9449-05] Bearer in its place isn't", "Bearer", "unbound_token", true, false, false },
    { "[9449-05] Bearer in its place is, where the program allows it", "Bearer", "", true, true, true },
    { "DPoP that nobody asked for isn't", "DPoP", "unsupported_token_type", false, false, false },
    { "N_A is no access token either way", "N_A", "unsupported_token_type", true, false, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("renewal: token type %s", rows[i].what) {
      char body[100];
      world w = bound_world(&al_grant_client_credentials, "");
      leave_store(&w);
      w.client->binds = rows[i].binds;
      w.client->unbound_too = rows[i].allows;
      snprintf(body, sizeof body, "{\"access_token\":\"t\",\"token_type\":\"%s\"}", rows[i].type);
      check(renew_with(&w, 200, "", body) == (rows[i].taken ? AL_NEXT_DONE : AL_NEXT_FAIL));
      check(rows[i].taken == (w.credential->token != NULL) && strcmp(w.renewal.fault.code, rows[i].code) == 0);
      renewal_end(&w);
      world_end(&w);
    }
  }
}

static void flows (void) {
  it("flow: a bound token goes under its scheme with a proof; use_dpop_nonce is answered once in a row [9449-03] "
     "[9449-04]") {
    world w = bound_world(&al_grant_client_credentials, "");
    leave_store(&w);
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\",\"token_type\":\"DPoP\",\"expires_in\":600}") ==
          AL_NEXT_DONE);
    renewal_end(&w);
    al_stamp m = stamp_of(3);
    al_answer a = answer_of(401, "WWW-Authenticate: DPoP error=\"use_dpop_nonce\"\r\nDPoP-Nonce: n\r\n\r\n", "");
    al_flow_begin(&w.flow, w.client, w.credential, &w.request, 30000, w.now);
    for (int i = 0; i < 2; i++) {
      check(al_flow_next(&w.flow, w.now) == AL_NEXT_SEND && al_flow_proves(&w.flow) && al_flow_prove(&w.flow, &m));
      check(holds(&w.flow.token->line, "Authorization: DPoP t"));
      al_jws_parts p = parts_of(w.credential->dpop, &w.request.proof);
      check((strstr(al_buf_text(&p.payload), "\"nonce\":\"n\"") != NULL) == (i == 1));
      check(strstr(al_buf_text(&p.payload), w.credential->token->ath) != NULL);
      al_jws_parts_dispose(&p);
      al_flow_answered(&w.flow, &a, 0, w.now);
    }
    check(al_flow_next(&w.flow, w.now) == AL_NEXT_DONE && w.credential->token != NULL);
    world_end(&w);
  }
  it("flow: to another origin goes no proof [9449-02]") {
    world w = bound_world(&al_grant_client_credentials, "");
    leave_store(&w);
    check(renew_with(&w, 200, "", "{\"access_token\":\"t\",\"token_type\":\"DPoP\"}") == AL_NEXT_DONE);
    renewal_end(&w);
    al_answer a = answer_of(302, "", "");
    a.location = "https://elsewhere.example/";
    al_flow_begin(&w.flow, w.client, w.credential, &w.request, 30000, w.now);
    check(al_flow_next(&w.flow, w.now) == AL_NEXT_SEND && al_flow_proves(&w.flow));
    al_flow_answered(&w.flow, &a, 0, w.now);
    check(al_flow_next(&w.flow, w.now) == AL_NEXT_SEND && w.request.bare && !al_flow_proves(&w.flow));
    world_end(&w);
  }
}

static void records (void) {
  static const al_clocks when = { .now = 1000000, .wall = 1700000000000, .clock = "" };
  it("stored: the key goes with its tokens, and comes back with them [9449-06]") {
    world w = bound_world(&al_grant_refresh_token, "given"), other = bound_world(&al_grant_refresh_token, "given");
    al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
    al_reply reply;
    al_record r;
    al_reply_init(&reply);
    al_buf_adds(&reply.access_token, "t");
    reply.type = AL_BOUND;
    reply.lifetime_ms = 600000;
    check(al_credential_bind(w.credential) && al_credential_adopt(w.credential, &reply, w.now));
    check(al_reconcile_compose(w.credential, w.client, &when, &text) &&
          strstr(text.bytes, "\"dpop_key\":\"-----BEGIN PRIVATE KEY") != NULL);
    check(strstr(text.bytes, "\"token_type\":\"DPoP\"") != NULL);
    al_record_init(&r);
    check(al_record_read(&r, text.bytes, text.n) == AL_RECORD_READ && al_reconcile_record(other.credential, &r, &when));
    al_record_dispose(&r);
    check(other.credential->dpop != NULL && strcmp(other.credential->dpop->jkt, w.credential->dpop->jkt) == 0);
    check(other.credential->token != NULL && other.credential->token->dpop == other.credential->dpop);
    al_reply_dispose(&reply);
    al_buf_dispose(&text);
    world_end(&w);
    world_end(&other);
  }
  static const struct {
    const char *what, *members;
  } rows[] = {
    { "without its key", "\"token_type\":\"DPoP\"" },
    { "with a key that can't be read", "\"token_type\":\"DPoP\",\"dpop_key\":\"-----BEGIN\"" },
    { "of type Bearer [9449-05]", "\"token_type\":\"Bearer\"" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("stored: a token %s isn't used, nor spent is its refresh token with another key", rows[i].what) {
      world w = bound_world(&al_grant_refresh_token, "given");
      al_record r;
      char text[400];
      snprintf(text, sizeof text,
               "{\"airlock\":1,\"login\":\"l\",\"generation\":2,\"access_token\":\"t\",\"refresh_token\":\"r\",%s}",
               rows[i].members);
      al_record_init(&r);
      check(al_record_read(&r, text, strlen(text)) == AL_RECORD_READ && al_reconcile_record(w.credential, &r, &when));
      check(w.credential->token == NULL && holds(&w.credential->refresh_token, "r"));
      check(al_credential_bind(w.credential) == (i == 2));
      check(al_record_read(&r, text, strlen(text)) == AL_RECORD_READ);
      check(al_reconcile_record(w.credential, &r, &when) == (i != 2)); /* it is looked for again */
      al_record_dispose(&r);
      world_end(&w);
    }
  }
  it("record: its name tells a client that binds from one that doesn't, and its keys apart") {
    char names[4][AL_RECORD_NAME];
    static const char *const keys[] = { NULL, "", "one", "two" };
    for (int i = 0; i < 4; i++) {
      al_identified id = {
        .server = "s", .client_id = "c", .grant = "g", .account = "a", .account_n = 1, .scope = "", .resource = ""
      };
      id.bound_to = keys[i];
      check(al_record_name(names[i], &id));
      for (int k = 0; k < i; k++) check(strcmp(names[i], names[k]) != 0);
    }
  }
}

int main (void) {
  proofs();
  nonces();
  token_calls();
  flows();
  records();
  return test_over();
}
