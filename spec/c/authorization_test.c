/* authorize: the URL a browser is sent off with, and what comes back. */
#include "world.h"

#include "ground/encode.h"
#include "law/authorization.h"

static const int64_t wall = 1700000000000;
static const char uri[] = "http://127.0.0.1:8080/cb?x=1";

static al_fault fault;
static al_buf opening;
static al_reply reply;

static al_client *server (const char *endpoint) {
  al_client *c = new_client("id", "secret");
  c->endpoints[AL_AUTHORIZATION_ENDPOINT] = al_text_copy(endpoint);
  return c;
}

/* One that waits for its redirect; the client is held by it alone. */
static void begin (al_authorization *a, const char *endpoint, bool implicit, const char *scope, const char *more) {
  al_authorization_init(a);
  a->client = server(endpoint);
  a->implicit = implicit;
  al_buf_adds(&a->redirect_uri, uri);
  if (scope[0] != '\0') al_buf_adds(&a->scope, scope);
  check(al_authorization_begin(a, more, strlen(more), wall));
}

static void begin_code (al_authorization *a) {
  begin(a, "https://auth.example/authorize", false, "", "");
}

/* Reads a copy with nothing behind it. */
static bool reads (al_authorization *a, const char *text, size_t n) {
  char *copy = exact(text, n);
  al_buf_dispose(&opening);
  opening = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  al_reply_dispose(&reply);
  al_reply_init(&reply);
  al_fault_clear(&fault);
  bool ok = al_authorization_read(a, copy, n, &opening, &reply, &fault);
  free(copy);
  return ok;
}

/* Puts the state where '$' stands. */
static bool reads_text (al_authorization *a, const char *text) {
  al_buf b = AL_BUF(1 << 22);
  for (const char *p = text; *p != '\0'; p++) {
    if (*p == '$') al_buf_adds(&b, a->state);
    else al_buf_addc(&b, *p);
  }
  bool ok = reads(a, al_buf_text(&b), b.n);
  al_buf_dispose(&b);
  return ok;
}

static bool fault_is (al_kind kind, al_outcome outcome, const char *code) {
  return fault.kind == kind && fault.outcome == outcome && strcmp(fault.code, code) == 0 && fault.message[0] != '\0';
}

static bool not_ours (const char *code) {
  return fault_is(AL_STATE, AL_INTERACTION, code) && opening.n == 0 && reply.access_token.n == 0;
}

/* ---- the way out ---- */

static bool is_drawn (const char *text) {
  return strlen(text) == AL_STATE_CHARS &&
         strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == AL_STATE_CHARS;
}

static void ways_out (void) {
  it("authorize: [7636-03] the challenge is as RFC 7636 appendix B has it") {
    al_buf out = AL_BUF(64);
    check(al_authorization_challenge(&out, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") &&
          holds(&out, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    al_buf_dispose(&out);
  }
  it("authorize: the URL asks for a code, with client_id, state, redirect_uri and challenge, in this order") {
    al_authorization a;
    begin_code(&a);
    al_buf expected = AL_BUF(1000);
    al_buf_addf(&expected,
                "https://auth.example/authorize?client_id=id&response_type=code&state=%s"
                "&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%3A8080%%2Fcb%%3Fx%%3D1",
                a.state);
    al_buf_adds(&expected, "&code_challenge=");
    check(al_authorization_challenge(&expected, a.verifier) && al_buf_adds(&expected, "&code_challenge_method=S256"));
    check(holds(&a.url, al_buf_text(&expected)) && a.made_at == wall && !a.spent);
    al_buf_dispose(&expected);
    al_authorization_dispose(&a);
  }
  it("authorize: [6749-01] the endpoint's own query stays; scope and what the program adds come along") {
    al_authorization a;
    begin(&a, "https://auth.example/authorize?tenant=a%26b", false, "r w", "prompt=none&x=%20");
    check(strncmp(al_buf_text(&a.url), "https://auth.example/authorize?tenant=a%26b&client_id=id&response", 64) == 0);
    check(strstr(a.url.bytes, "&scope=r+w&") != NULL && strstr(a.url.bytes, "&prompt=none&x=%20") != NULL &&
          strchr(strchr(a.url.bytes, '?') + 1, '?') == NULL);
    al_authorization_dispose(&a);
  }
  it("authorize: [9126-02] one that was pushed has client_id and request_uri in its URL, and nothing else") {
    al_authorization a;
    begin(&a, "https://auth.example/authorize?tenant=a", false, "r", "prompt=none");
    check(strstr(al_buf_text(&a.query), "scope=r&") != NULL && strstr(a.query.bytes, "client_id") == NULL);
    check(al_authorization_refer(&a, "urn:x y&z", 9) &&
          holds(&a.url, "https://auth.example/authorize?tenant=a&client_id=id&request_uri=urn%3Ax+y%26z"));
    al_authorization_dispose(&a);
  }
  it("authorize: [6749-04] no scope, no scope parameter; implicit asks for a token, without a challenge") {
    al_authorization a;
    begin(&a, "https://auth.example/authorize", true, "", "");
    check(strstr(a.url.bytes, "response_type=token&") != NULL && strstr(a.url.bytes, "scope") == NULL &&
          strstr(a.url.bytes, "challenge") == NULL);
    al_authorization_dispose(&a);
  }
  it("authorize: [7636-01, 7636-02, 7636-05] state and verifier are 43 characters of base64url, new each time, the "
     "verifier not in the URL") {
    enum { many = 50 };
    char seen[2 * many][AL_STATE_CHARS + 1];
    for (int i = 0; i < many; i++) {
      al_authorization a;
      begin_code(&a);
      check(is_drawn(a.state) && is_drawn(a.verifier) && strstr(al_buf_text(&a.url), a.verifier) == NULL);
      memcpy(seen[2 * i], a.state, sizeof seen[0]);
      memcpy(seen[2 * i + 1], a.verifier, sizeof seen[0]);
      al_authorization_dispose(&a);
    }
    for (int i = 0; i < 2 * many; i++)
      for (int j = 0; j < i; j++) check(strcmp(seen[i], seen[j]) != 0);
  }
  it("authorize: a URL that gets too long is an answer of false") {
    al_authorization a;
    begin_code(&a);
    al_buf_clear(&a.url);
    char *more = malloc(AL_MAX_URL);
    memset(more, 'x', AL_MAX_URL);
    check(!al_authorization_begin(&a, more, AL_MAX_URL, wall));
    free(more);
    al_authorization_dispose(&a);
  }
}

/* ---- the way back ---- */

static void codes (void) {
  static const struct {
    const char *what, *text, *code;
  } rows[] = {
    { "a whole URL", "http://127.0.0.1:8080/cb?x=1&code=abc&state=$", "abc" },
    { "from its path on", "/cb?code=abc&state=$", "abc" },
    { "from its '?' on", "?state=$&code=abc", "abc" },
    { "with a fragment, which holds nothing", "/cb?code=abc&state=$#code=evil&state=x", "abc" },
    { "with parameters nobody knows [6749-04]", "/cb?code=abc&state=$&session_state=1&x&=&&y=%20", "abc" },
    { "with a code that needs encoding", "/cb?code=a%2Bb+c%26%C3%A9&state=$", "a%2Bb+c%26%C3%A9" },
    { "with an escaped name", "/cb?c%6Fde=abc&state=$", "abc" },
    { "with an error left empty [6749-04]", "/cb?error=&code=abc&state=$", "abc" },
    { "with a name like one of ours, but a NUL behind it", "/cb?code=abc&code%00x=evil&state=$", "abc" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("authorize: a code is read from %s", rows[i].what) {
      al_authorization a;
      begin_code(&a);
      al_buf expected = AL_BUF(1000);
      al_buf_addf(&expected,
                  "grant_type=authorization_code&code=%s&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%3A8080%%2Fcb%%3Fx%%3D1"
                  "&code_verifier=%s",
                  rows[i].code, a.verifier);
      check(reads_text(&a, rows[i].text) && holds(&opening, al_buf_text(&expected)) && a.spent &&
            fault.kind == AL_FINE);
      al_buf_dispose(&expected);
      al_authorization_dispose(&a);
    }
  }
}

static void errors (void) {
  static const struct {
    const char *code;
    al_outcome outcome;
  } rows[] = { { "access_denied", AL_INTERACTION },         { "login_required", AL_INTERACTION },
               { "consent_required", AL_INTERACTION },      { "server_error", AL_TRANSIENT },
               { "temporarily_unavailable", AL_TRANSIENT }, { "invalid_scope", AL_MISCONFIGURED },
               { "unauthorized_client", AL_MISCONFIGURED } };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("authorize: [6749-16] the server's no, %s, with its description and uri", rows[i].code) {
      al_authorization a;
      begin_code(&a);
      char text[300];
      snprintf(text, sizeof text,
               "/cb?error=%s&error_description=So+it+%%22is%%22%%0A&error_uri=https%%3A%%2F%%2Fe.example%%2F1&state=$",
               rows[i].code);
      check(!reads_text(&a, text) && fault_is(AL_OAUTH, rows[i].outcome, rows[i].code) && a.spent && opening.n == 0);
      check(strcmp(fault.description, "So it \"is\"?") == 0 && strcmp(fault.uri, "https://e.example/1") == 0 &&
            strstr(fault.message, fault.description) != NULL);
      al_authorization_dispose(&a);
    }
  }
  it("authorize: an error goes before a code") {
    al_authorization a;
    begin_code(&a);
    check(!reads_text(&a, "?code=abc&error=access_denied&state=$") &&
          fault_is(AL_OAUTH, AL_INTERACTION, "access_denied") && opening.n == 0);
    al_authorization_dispose(&a);
  }
}

static void strangers (void) {
  static const struct {
    const char *what, *text, *code;
  } rows[] = {
    { "[6749-14] another state", "/cb?code=abc&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "state_mismatch" },
    { "[6749-14] no state", "/cb?code=abc", "state_mismatch" },
    { "[6749-14] an empty state", "/cb?code=abc&state=", "state_mismatch" },
    { "[6749-14] a state without a value", "/cb?code=abc&state", "state_mismatch" },
    { "[6749-14] a state with more behind it", "/cb?code=abc&state=$x", "state_mismatch" },
    { "[6749-14] a state with a NUL behind it", "/cb?code=abc&state=$%00", "state_mismatch" },
    { "[6749-14] an error without a state", "/cb?error=access_denied", "state_mismatch" },
    { "[6749-14] the state in the fragment", "/cb?code=abc#state=$", "state_mismatch" },
    { "the state under a name with a NUL", "/cb?code=abc&state%00=$", "state_mismatch" },
    { "nothing at all", "", "state_mismatch" },
    { "a path only", "/cb", "state_mismatch" },
    { "[6749-03] the code twice", "/cb?code=a&code=b&state=$", "repeated_parameter" },
    { "[6749-03] the code twice, the same", "/cb?code=a&code=a&state=$", "repeated_parameter" },
    { "[6749-03] the state twice", "/cb?code=a&state=$&state=$", "repeated_parameter" },
    { "[6749-03] the state twice, once under an escaped name", "/cb?code=a&state=$&st%61te=x", "repeated_parameter" },
    { "[6749-03] the error twice", "/cb?error=a&error=a&state=$", "repeated_parameter" },
    { "a broken escape in the code", "/cb?code=%zz&state=$", "malformed_redirect" },
    { "a broken escape in a name", "/cb?%=1&code=a&state=$", "malformed_redirect" },
    { "an escape cut off", "/cb?state=$&code=a%4", "malformed_redirect" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("authorize: a redirect with %s is refused, and the authorization isn't spent", rows[i].what) {
      al_authorization a;
      begin_code(&a);
      check(!reads_text(&a, rows[i].text) && not_ours(rows[i].code) && !a.spent);
      check(reads_text(&a, "/cb?code=abc&state=$"));
      al_authorization_dispose(&a);
    }
  }
  static const char *const firsts[] = { "?code=abc&state=$", "?error=access_denied&state=$", "?state=$",
                                        "?code=&state=$", "?error=&state=$" };
  for (int i = 0; i < 5; i++) {
    it("authorize: [9700-04] after the first redirect with its state, %s, it is spent", firsts[i]) {
      al_authorization a;
      begin_code(&a);
      check(reads_text(&a, firsts[i]) == (i == 0) && a.spent);
      if (i >= 2) check(not_ours("malformed_redirect"));
      check(!reads_text(&a, "?code=abc&state=$") && not_ours("state_spent"));
      check(!reads_text(&a, "?code=abc&state=x") && not_ours("state_mismatch"));
      al_authorization_dispose(&a);
    }
  }
}

static void issuers (void) {
  static const struct {
    const char *what, *issuer, *text;
    bool announced, ok;
  } rows[] = {
    { "the right one", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2Fauth.example", false, true },
    { "the right one, announced", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2Fauth.example", true,
      true },
    { "another one", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2Fevil.example", false, false },
    { "one that differs by a '/'", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2Fauth.example%2F", false,
      false },
    { "one that differs by case", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2FAuth.example", false,
      false },
    { "the right one and a NUL", "https://auth.example", "?code=c&state=$&iss=https%3A%2F%2Fauth.example%00", false,
      false },
    { "an empty one", "https://auth.example", "?code=c&state=$&iss=", false, false },
    { "another one beside an error", "https://auth.example",
      "?error=access_denied&state=$&iss=https%3A%2F%2Fevil.example", false, false },
    { "none, and none announced", "https://auth.example", "?code=c&state=$", false, true },
    { "none though announced [9207-02]", "https://auth.example", "?code=c&state=$", true, false },
    { "one where nothing is known to compare with", NULL, "?code=c&state=$&iss=https%3A%2F%2Fauth.example", true,
      true },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("authorize: [9207-01] an issuer, %s", rows[i].what) {
      al_authorization a;
      begin_code(&a);
      a.client->issuer = rows[i].issuer != NULL ? al_text_copy(rows[i].issuer) : NULL;
      a.client->iss_announced = rows[i].announced;
      check(reads_text(&a, rows[i].text) == rows[i].ok && (rows[i].ok ? opening.n > 0 : not_ours("issuer_mismatch")));
      al_authorization_dispose(&a);
    }
  }
}

static void implicits (void) {
  static const struct {
    const char *what, *text, *token;
    al_kind kind;
    const char *code;
  } rows[] = {
    { "in the fragment", "http://127.0.0.1/cb#access_token=t%2B1&token_type=Bearer&expires_in=60&scope=a+b&state=$",
      "t+1", AL_FINE, "" },
    { "in the fragment, whatever the query says",
      "/cb?state=x&access_token=evil#access_token=t&token_type=bearer&state=$", "t", AL_FINE, "" },
    { "in the query, where a proxy put it", "/cb?access_token=t&token_type=bearer&state=$", "t", AL_FINE, "" },
    { "an error in the fragment", "/cb#error=access_denied&state=$", "", AL_OAUTH, "access_denied" },
    { "an error in the query", "/cb?error=access_denied&state=$", "", AL_OAUTH, "access_denied" },
    { "another state", "/cb#access_token=t&state=x", "", AL_STATE, "state_mismatch" },
    { "the token twice", "/cb#access_token=t&access_token=t&state=$", "", AL_STATE, "repeated_parameter" },
    { "no token", "/cb#code=abc&state=$", "", AL_STATE, "malformed_redirect" },
    { "a token with a line break", "/cb#access_token=t%0D%0AX:1&state=$", "", AL_STATE, "malformed_redirect" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("authorize: implicit, %s", rows[i].what) {
      al_authorization a;
      begin(&a, "https://auth.example/authorize", true, "", "");
      bool ok = rows[i].kind == AL_FINE;
      check(reads_text(&a, rows[i].text) == ok && fault.kind == rows[i].kind &&
            holds(&reply.access_token, rows[i].token) && opening.n == 0);
      check(ok || strcmp(fault.code, rows[i].code) == 0);
      if (i == 0) check(reply.lifetime_ms == 60000 && holds(&reply.scope, "a b") && reply.typed);
      al_authorization_dispose(&a);
    }
  }
  it("authorize: implicit, a token of another type is refused") {
    al_authorization a;
    begin(&a, "https://auth.example/authorize", true, "", "");
    check(!reads_text(&a, "/cb#access_token=t&token_type=mac&state=$") && fault.kind != AL_FINE);
    al_authorization_dispose(&a);
  }
}

static void hostile (void) {
  it("authorize: a redirect of a megabyte is refused unread, and one at the ceiling is read") {
    al_authorization a;
    begin_code(&a);
    al_buf text = AL_BUF(1 << 22);
    al_buf_addf(&text, "?code=abc&state=%s&x=", a.state);
    while (text.n <= AL_MAX_REDIRECT) al_buf_addc(&text, 'y');
    check(!reads(&a, text.bytes, text.n) && not_ours("too_large") && !a.spent);
    size_t most = AL_MAX_REDIRECT;
    while (text.n < 1 << 20) al_buf_addc(&text, '%');
    check(!reads(&a, text.bytes, text.n) && not_ours("too_large") && !a.spent);
    check(reads(&a, text.bytes, most));
    al_buf_dispose(&text);
    al_authorization_dispose(&a);
  }
  it("authorize: a NUL in the middle, escaped or not, ends nothing") {
    al_authorization a;
    begin_code(&a);
    check(reads_text(&a, "?x=%00&code=a%00b&state=$") && strstr(al_buf_text(&opening), "code=a%00b&") != NULL);
    al_authorization_dispose(&a);
    begin_code(&a);
    al_buf text = AL_BUF(1000);
    al_buf_add(&text, "?\0&code=c&state=", 16);
    al_buf_adds(&text, a.state);
    check(reads(&a, text.bytes, text.n));
    al_buf_dispose(&text);
    al_authorization_dispose(&a);
  }
  it("authorize: cut off after any byte it opens nothing, and isn't spent") {
    al_authorization a;
    begin_code(&a);
    al_buf text = AL_BUF(1000);
    al_buf_addf(&text, "http://127.0.0.1:8080/cb?code=a%%62c&iss=%%20&state=%s", a.state);
    for (size_t i = 0; i < text.n; i++)
      check(!reads(&a, text.bytes, i) && !a.spent && fault.kind == AL_STATE && opening.n == 0);
    check(reads(&a, text.bytes, text.n));
    al_buf_dispose(&text);
    al_authorization_dispose(&a);
  }
  it("authorize: a description may fill the redirect; its failure stays small") {
    al_authorization a;
    begin_code(&a);
    al_buf text = AL_BUF(1 << 20);
    al_buf_addf(&text, "?error=e&state=%s&error_description=", a.state);
    while (text.n < AL_MAX_REDIRECT) al_buf_addc(&text, 'd');
    check(!reads(&a, text.bytes, text.n) && strcmp(fault.code, "e") == 0 &&
          strlen(fault.description) == AL_MAX_DESCRIPTION - 1);
    al_buf_dispose(&text);
    al_authorization_dispose(&a);
  }
}

/* ---- saving ---- */

static const unsigned char key[32] = "0123456789abcdef0123456789abcde";

static bool restores (al_authorization *b, const unsigned char with[32], const char *text, size_t n, int64_t at) {
  char *copy = exact(text, n);
  al_authorization_init(b);
  b->client = server("https://auth.example/authorize");
  al_fault_clear(&fault);
  bool ok = al_authorization_restore(b, with, copy, n, at, &fault);
  free(copy);
  return ok;
}

static void saving (void) {
  al_authorization a, b;
  al_buf text = AL_BUF(AL_MAX_URL * 8);
  begin(&a, "https://auth.example/authorize", false, "r w&x=1", "");
  it("authorize: saved and restored, it is the same, and reads its redirect") {
    check(al_authorization_save(&a, key, &text) && strstr(text.bytes, a.verifier) == NULL &&
          strstr(text.bytes, a.state) == NULL);
    check(strspn(text.bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == text.n);
    check(restores(&b, key, text.bytes, text.n, wall + 1000));
    check(strcmp(a.state, b.state) == 0 && strcmp(a.verifier, b.verifier) == 0 && holds(&b.scope, "r w&x=1") &&
          holds(&b.redirect_uri, uri));
    check(holds(&b.url, al_buf_text(&a.url)) && b.made_at == wall && !b.implicit && !b.spent);
    check(reads_text(&b, "?code=abc&state=$") && strstr(opening.bytes, a.verifier) != NULL);
    al_authorization_dispose(&b);
  }
  it("authorize: what is saved twice looks different") {
    al_buf again = AL_BUF(AL_MAX_URL * 8);
    check(al_authorization_save(&a, key, &again) && again.n == text.n && memcmp(again.bytes, text.bytes, text.n) != 0);
    al_buf_dispose(&again);
  }
  it("authorize: implicit and no scope come back too") {
    al_authorization c;
    al_buf saved = AL_BUF(AL_MAX_URL * 8);
    begin(&c, "https://auth.example/authorize", true, "", "");
    check(al_authorization_save(&c, key, &saved) && restores(&b, key, saved.bytes, saved.n, wall) && b.implicit &&
          b.scope.n == 0);
    al_authorization_dispose(&b);
    al_authorization_dispose(&c);
    al_buf_dispose(&saved);
  }
  it("authorize: another key restores nothing") {
    unsigned char other[32];
    memcpy(other, key, 32);
    other[31] ^= 1;
    check(!restores(&b, other, text.bytes, text.n, wall) && fault_is(AL_STATE, AL_INTERACTION, "altered") &&
          b.state[0] == '\0');
    al_authorization_dispose(&b);
  }
  it("authorize: altered at any byte, it isn't restored") {
    for (size_t i = 0; i < text.n; i++) {
      char was = text.bytes[i];
      text.bytes[i] = was == 'A' ? 'B' : 'A';
      check(!restores(&b, key, text.bytes, text.n, wall) && fault_is(AL_STATE, AL_INTERACTION, "altered"));
      al_authorization_dispose(&b);
      text.bytes[i] = was;
    }
  }
  it("authorize: cut off after any byte, or with one more, it isn't restored") {
    for (size_t i = 0; i < text.n; i++) {
      check(!restores(&b, key, text.bytes, i, wall) && fault_is(AL_STATE, AL_INTERACTION, "altered"));
      al_authorization_dispose(&b);
    }
    static const char *const tails[] = { "A", "AA", "=", "AAAA" };
    for (int i = 0; i < 4; i++) {
      al_buf longer = AL_BUF(AL_MAX_URL * 8);
      al_buf_add(&longer, text.bytes, text.n);
      al_buf_adds(&longer, tails[i]);
      check(!restores(&b, key, longer.bytes, longer.n, wall) && fault_is(AL_STATE, AL_INTERACTION, "altered"));
      al_authorization_dispose(&b);
      al_buf_dispose(&longer);
    }
  }
  it("authorize: it is restored up to its greatest age, and not later") {
    int64_t most = (int64_t)AL_MAX_AUTHORIZATION_AGE_S * 1000;
    check(restores(&b, key, text.bytes, text.n, wall + most));
    al_authorization_dispose(&b);
    check(!restores(&b, key, text.bytes, text.n, wall + most + 1) && fault_is(AL_STATE, AL_INTERACTION, "expired"));
    al_authorization_dispose(&b);
  }
  it("authorize: the key to it is the client's configuration with its secret") {
    unsigned char one[32], two[32], three[32];
    al_client *same = server("https://auth.example/authorize");
    al_buf secret = AL_BUF_SECRET(100);
    al_buf_adds(&secret, "other");
    check(al_client_seal_key(a.client, &a.client->client_secret, one) &&
          al_client_seal_key(same, &same->client_secret, two) && memcmp(one, two, 32) == 0);
    check(al_client_seal_key(a.client, &secret, three) && memcmp(one, three, 32) != 0 &&
          memcmp(one, a.client->identity, 32) != 0);
    al_buf_dispose(&secret);
    al_client_drop(same);
  }
  al_authorization_dispose(&a);
  al_buf_dispose(&text);
}

int main (void) {
  ways_out();
  codes();
  errors();
  strangers();
  issuers();
  implicits();
  hostile();
  saving();
  al_buf_dispose(&opening);
  al_reply_dispose(&reply);
  return test_over();
}
