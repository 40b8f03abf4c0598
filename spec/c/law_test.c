/* clientauth, grant, header, next, token. */
#include "test.h"

#include <limits.h>

#include "ground/encode.h"
#include "ground/limits.h"
#include "law/clientauth.h"
#include "law/grant.h"
#include "law/header.h"
#include "law/next.h"
#include "law/token.h"

/* ---- clientauth ---- */

static void proves (const char *what, const char *method, bool raw, const char *id, const char *secret,
                    const char *form, const char *header) {
  it("clientauth: %s", what) {
    al_buf f = AL_BUF_SECRET(1000), h = AL_BUF_SECRET(1000), s = AL_BUF_SECRET(AL_MAX_SECRET);
    al_buf_adds(&s, secret);
    al_buf_adds(&f, "a=b");
    al_claimant who = { .client_id = id, .secret = &s, .raw_basic = raw };
    check(al_clientauth_find(method)->prove(&f, &h, &who));
    check(holds(&f, form) && holds(&h, header));
    al_buf_dispose(&f);
    al_buf_dispose(&h);
    al_buf_dispose(&s);
  }
}

static void clientauths (void) {
  proves("Basic is id:secret in base64", "client_secret_basic", false, "id", "secret", "a=b",
         "Authorization: Basic aWQ6c2VjcmV0");
  /* a%3Ab+c:%25%2B%C3%A9 */
  proves("[6749-09] Basic form-encodes id and secret, each by itself", "client_secret_basic", false, "a:b c",
         "%+\xC3\xA9", "a=b", "Authorization: Basic YSUzQWIrYzolMjUlMkIlQzMlQTk=");
  proves("Basic takes both raw for a server that doesn't decode", "client_secret_basic", true, "a:b c", "%+\xC3\xA9",
         "a=b", "Authorization: Basic YTpiIGM6JSvDqQ==");
  proves("Basic stands without a secret", "client_secret_basic", false, "id", "", "a=b", "Authorization: Basic aWQ6");
  proves("[6749-08] post puts both in the form and nothing in the header", "client_secret_post", false, "a:b c",
         "%&\xC3\xA9", "a=b&client_id=a%3Ab+c&client_secret=%25%26%C3%A9", "");
  proves("post encodes even where Basic is raw", "client_secret_post", true, "&", "=",
         "a=b&client_id=%26&client_secret=%3D", "");
  proves("[6749-11] none names the client in the form", "none", false, "a&b", "ignored", "a=b&client_id=a%26b", "");
  it("clientauth: a line break in id or secret never reaches the header, not even raw") {
    for (int raw = 0; raw < 2; raw++) {
      al_buf f = AL_BUF(1000), h = AL_BUF(1000), s = AL_BUF_SECRET(100);
      al_buf_adds(&s, "s\r\nX: y");
      al_claimant who = { .client_id = "i\r\nd", .secret = &s, .raw_basic = raw };
      check(al_clientauth_find("client_secret_basic")->prove(&f, &h, &who));
      check(memchr(h.bytes, '\n', h.n) == NULL && memchr(h.bytes, '\r', h.n) == NULL);
      al_buf_dispose(&h);
      al_buf_dispose(&s);
    }
  }
  it("clientauth: a method is found by its exact name, else not at all") {
    check(al_clientauth_find("none") != NULL && al_clientauth_find("none")->means == AL_BY_NOTHING);
    check(al_clientauth_find("client_secret_basic")->means == AL_BY_SECRET &&
          al_clientauth_find("private_key_jwt")->means == AL_BY_KEY);
    check(al_clientauth_find("") == NULL && al_clientauth_find("NONE") == NULL &&
          al_clientauth_find("private_key") == NULL);
  }
  it("clientauth: the default is the key, else Basic with a secret, none without") {
    check(strcmp(al_clientauth_default(true, false)->name, "client_secret_basic") == 0 &&
          strcmp(al_clientauth_default(false, true)->name, "private_key_jwt") == 0 &&
          strcmp(al_clientauth_default(false, false)->name, "none") == 0);
  }
  it("clientauth: its list names every method there is") {
    size_t count = 0;
    for (const al_clientauth *method; (method = al_clientauth_at(count)) != NULL; count++)
      check(al_clientauth_find(method->name) == method);
    check(count == 8);
  }
  it("clientauth: a buffer without room is an answer of false") {
    static const char *const names[] = { "none", "client_secret_basic", "client_secret_post", "client_secret_jwt",
                                         "tls_client_auth" };
    for (int i = 0; i < 5; i++) {
      al_buf f = AL_BUF(5), h = AL_BUF(5), s = AL_BUF_SECRET(10);
      al_stamp stamp = { .wall_ms = 0 };
      al_claimant who = { .client_id = "id", .secret = &s, .audience = "a", .stamp = &stamp };
      check(!al_clientauth_find(names[i])->prove(&f, &h, &who));
      al_buf_dispose(&f);
      al_buf_dispose(&h);
    }
  }
}

/* ---- grant ---- */

static void fills (const char *what, const char *scope, const char *refresh, const char *expected) {
  it("grant: %s", what) {
    al_buf form = AL_BUF_SECRET(1000), full = AL_BUF(15), s = AL_BUF(100), r = AL_BUF_SECRET(100);
    al_buf_adds(&s, scope);
    if (refresh != NULL) al_buf_adds(&r, refresh);
    bool ok = refresh != NULL ? al_grant_refresh(&form, &r, &s) : al_grant_client_credentials.fill(&form, &s);
    check(ok && holds(&form, expected));
    check(!(refresh != NULL ? al_grant_refresh(&full, &r, &s) : al_grant_client_credentials.fill(&full, &s)));
    al_buf_dispose(&form);
    al_buf_dispose(&full);
    al_buf_dispose(&s);
    al_buf_dispose(&r);
  }
}

static void openings (void) {
  it("grant: [6749-12] a code goes with the very redirect_uri and the verifier") {
    al_buf form = AL_BUF_SECRET(1000), code = AL_BUF(100), uri = AL_BUF(100);
    al_buf_adds(&code, "a+b");
    al_buf_adds(&uri, "http://127.0.0.1/c b");
    check(al_grant_code(&form, &code, &uri, "vvv"));
    check(holds(
      &form, "grant_type=authorization_code&code=a%2Bb&redirect_uri=http%3A%2F%2F127.0.0.1%2Fc+b&code_verifier=vvv"));
    al_buf_dispose(&form);
    al_buf_dispose(&code);
    al_buf_dispose(&uri);
  }
  it("grant: a password is sent with the user's name, encoded") {
    al_buf form = AL_BUF_SECRET(1000), scope = AL_BUF(100);
    check(al_grant_by_password(&form, "a&b", 3, "p=w", 3, &scope, "offline", 7));
    check(holds(&form, "grant_type=password&username=a%26b&password=p%3Dw&access_type=offline"));
    al_buf_dispose(&form);
  }
  it("grant: a device code has the grant type of RFC 8628") {
    al_buf form = AL_BUF_SECRET(1000);
    check(al_grant_device(&form, "d", 1) &&
          holds(&form, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=d"));
    al_buf_dispose(&form);
  }
}

static void grants (void) {
  fills("client_credentials asks by name", "", NULL, "grant_type=client_credentials");
  fills("client_credentials sends its scope, encoded", "** a:b", NULL,
        "grant_type=client_credentials&scope=%2A%2A+a%3Ab");
  fills("[6749-21] a refresh sends no scope of itself", "", "r/1+2",
        "grant_type=refresh_token&refresh_token=r%2F1%2B2");
  fills("a refresh sends a scope that narrows", "a", "r", "grant_type=refresh_token&refresh_token=r&scope=a");
  openings();
  it("grant: a permanent token asks nothing, on nobody's behalf that one could tell") {
    check(al_grant_permanent_token.fill == NULL && al_grant_permanent_token.subject == NULL &&
          al_grant_permanent_token.given == AL_GIVEN_TOKEN);
    check(strcmp(al_grant_client_credentials.subject, "application") == 0);
    check(strcmp(al_grant_refresh_token.subject, "user") == 0 && al_grant_refresh_token.given == AL_GIVEN_REFRESH);
    check(al_grant_find("password") == &al_grant_password && al_grant_find("nothing") == NULL);
  }
}

/* ---- header ---- */

static bool finds (const char *block, const char *name, const char *expected) {
  size_t n = strlen(block), value_n = 0;
  char *in = exact(block, n);
  const char *value = al_header_find(in, n, name, &value_n);
  bool ok = expected == NULL ? value == NULL : value != NULL && is(value, value_n, expected);
  free(in);
  return ok;
}

static void finding (void) {
  static const struct {
    const char *what, *block, *expected;
  } rows[] = {
    { "is found in any case", "HTTP/1.1 200 OK\r\nx-OTHER: 1\r\nX-nAME: v\r\n\r\n", "v" },
    { "is found after bare line feeds", "A: 1\nX-Name: v\n", "v" },
    { "is found without a line's end", "X-Name: v", "v" },
    { "has blanks around its value cut off", "X-Name: \t v w \t\r\n", "v w" },
    { "may be empty", "X-Name:\r\n", "" },
    { "may be empty at the very end", "X-Name:", "" },
    { "may have colons in its value", "X-Name:a:b:c\r\n", "a:b:c" },
    { "is the first of several", "X-Name: 1\r\nX-Name: 2\r\n", "1" },
    { "isn't one that begins so", "X-Names: v\r\n", NULL },
    { "isn't one that ends so", "Not-X-Name: v\r\n", NULL },
    { "isn't one with a blank before its colon", "X-Name : v\r\n", NULL },
    { "isn't a folded line", "A: 1\r\n X-Name: v\r\n", NULL },
    { "isn't in a value", "A: X-Name: v\r\n", NULL },
    { "isn't a line without a colon", "X-Name\r\n", NULL },
    { "isn't a line without a name", ": X-Name\r\n", NULL },
    { "isn't in an empty block", "", NULL },
    { "isn't in an empty line", "\r\n\r\n", NULL },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("header: a field %s", rows[i].what) check(finds(rows[i].block, "X-Name", rows[i].expected));
  }
  it("header: next gives one field after another, and passes over the rest") {
    static const char block[] = "HTTP/1.1 200 OK\r\nA: 1\r\nnonsense\r\n: none\r\nB:2\r\n\r\n";
    const char *name, *value;
    size_t at = 0, name_n, value_n;
    check(al_header_next(block, sizeof block - 1, &at, &name, &name_n, &value, &value_n) && is(name, name_n, "A") &&
          is(value, value_n, "1"));
    check(al_header_next(block, sizeof block - 1, &at, &name, &name_n, &value, &value_n) && is(name, name_n, "B") &&
          is(value, value_n, "2"));
    check(!al_header_next(block, sizeof block - 1, &at, &name, &name_n, &value, &value_n) && at == sizeof block - 1);
  }
}

static void retry_after (void) {
  enum { day = 86400000 };
  const int64_t wall = 784111777000; /* Sun, 06 Nov 1994 08:49:37 GMT */
  const int64_t most = AL_MAX_LIFETIME_S * 1000;
  static const struct {
    const char *value;
    int64_t ms;
  } rows[] = {
    { "0", 0 },
    { "1", 1000 },
    { "120", 120000 },
    { "  7  ", 7000 },
    { "007", 7000 },
    { "", -1 },
    { "-1", -1 },
    { "+1", -1 },
    { "1.5", 1500 },
    { "0.25", 250 },
    { "120.0", 120000 },
    { "1.2345", 1234 },
    { "1.", -1 },
    { ".5", -1 },
    { "1.5s", -1 },
    { "1.5.1", -1 },
    { "1,5", -1 },
    { "1 2", -1 },
    { "soon", -1 },
    { "120, 60", -1 },
    { "1e9", -1 },
    { "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
    { "Sun, 06 Nov 1994 08:49:47 GMT", 10000 },
    { "Sun, 06 NOV 1994 08:49:47 GMT", 10000 },
    { "Mon, 07 Nov 1994 08:49:37 GMT", day },
    { "Sun, 06 Nov 1994 08:49:36 GMT", 0 },
    { "Mon, 28 Feb 2000 00:00:00 GMT", 951696000000 - 784111777000 },
    { "Tue, 29 Feb 2000 00:00:00 GMT", 951782400000 - 784111777000 },
    { "Wed, 01 Mar 2000 00:00:00 GMT", 951868800000 - 784111777000 },
    { "Sun, 06 Nov 1994 08:49:60 GMT", 23000 },
    { "Sun, 06 Nov 1994 08:49:37", -1 },
    { "Sun, 06 Nov 1994 08:49:37 CET", -1 },
    { "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
    { "Sun, 06 Foo 1994 08:49:37 GMT", -1 },
    { "Sun, 06 ovD 1994 08:49:37 GMT", -1 },
    { "Sun, 00 Nov 1995 08:49:37 GMT", -1 },
    { "Sun, 32 Nov 1995 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1995 24:49:37 GMT", -1 },
    { "Sun, 06 Nov 1995 08:60:37 GMT", -1 },
    { "Sun, 06 Nov 1995 08:49:61 GMT", -1 },
    { "Sun, 06-Nov-1995 08:49:37 GMT", -1 },
    { "Sun, 06 Nov 1995 08.49.37 GMT", -1 },
    { "Sun, -6 Nov 1995 08:49:37 GMT", -1 },
    { "Sunday, 06-Nov-94 08:49:37 GMT", 0 },
    { "Sunday, 06-Nov-94 08:49:47 GMT", 10000 },
    { "Monday, 07-nov-94 08:49:37 GMT", day },
    { "Saturday, 01-Jan-00 00:00:00 GMT", 946684800000 - 784111777000 },
    { "Friday, 06-Nov-93 08:49:47 GMT", 0 },
    { "Sunday, 06 Nov 94 08:49:47 GMT", -1 },
    { "Sunday, 06-Nov-94 08:49:47", -1 },
    { "Sun Nov  6 08:49:37 1994", 0 },
    { "Sun Nov  6 08:49:47 1994", 10000 },
    { "Wed Nov 16 08:49:37 1994", 10 * day },
    { "Sun Nov 6 08:49:47 1994", -1 },
    { "Sun Nov  6 08:49:47 1994 GMT", -1 },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("header: Retry-After \"%s\" is %lld ms", rows[i].value, (long long)rows[i].ms) {
      al_buf block = AL_BUF(200);
      al_buf_addf(&block, "A: 1\r\nretry-after: %s\r\n", rows[i].value);
      char *in = exact(block.bytes, block.n);
      check(al_header_retry_after(in, block.n, wall) == rows[i].ms);
      free(in);
      al_buf_dispose(&block);
    }
  }
  it("header: a huge Retry-After is cut to the longest lifetime, as seconds and as a date") {
    static const char *const huge[] = { "Retry-After: 999999999999", "Retry-After: 99999999999999999999999999999999",
                                        "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT" };
    for (int i = 0; i < 3; i++) check(al_header_retry_after(huge[i], strlen(huge[i]), wall) == most);
  }
  it("header: a Retry-After that is a date is measured by the answer's own") {
    static const char *const blocks[] = {
      "Date: Sat, 05 Nov 1994 08:49:37 GMT\r\nRetry-After: Sat, 05 Nov 1994 08:50:37 GMT\r\n",
      "Retry-After: Sunday, 06-Nov-05 08:50:37 GMT\r\nDATE: Sun Nov  6 08:49:37 2005\r\n",
      "Date: soon\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n",
      "Date: Sat, 05 Nov 1994 08:49:37 GMT\r\nRetry-After: 60\r\n",
    };
    for (int i = 0; i < 4; i++) check(al_header_retry_after(blocks[i], strlen(blocks[i]), wall) == 60000);
  }
  it("header: no Retry-After at all is -1")
    check(al_header_retry_after("A: 1\r\n", 6, wall) == -1 && al_header_retry_after("", 0, wall) == -1);
}

static void challenges (void) {
  static const struct {
    const char *what, *block;
    bool there;
  } rows[] = {
    { "is there, in quotes", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", true },
    { "is there, bare", "WWW-Authenticate: Bearer error=invalid_token\r\n", true },
    { "is there, with blanks and in another case",
      "www-authenticate: bearer realm=\"x\" , ERROR = \"invalid_token\"\r\n", true },
    { "is there behind a quoted comma [6750-06]",
      "WWW-Authenticate: Bearer realm=\"a, b\", error=\"invalid_token\", scope=\"c\"\r\n", true },
    { "is there in the second of several fields [6750-06]",
      "WWW-Authenticate: Basic realm=\"x\"\r\nA: 1\r\nWWW-Authenticate: Bearer error=\"invalid_token\"\r\n", true },
    { "is there in the second challenge of a field [6750-06]",
      "WWW-Authenticate: DPoP algs=\"ES256\", Bearer error=\"invalid_token\"\r\n", true },
    { "is there behind an escaped quote", "WWW-Authenticate: Bearer realm=\"a\\\"b\", error=\"invalid_token\"\r\n",
      true },
    { "is there first of all", "WWW-Authenticate: error=\"invalid_token\"\r\n", true },
    { "isn't where nothing is", "WWW-Authenticate: Bearer\r\n", false },
    { "isn't where another is", "WWW-Authenticate: Bearer error=\"insufficient_scope\"\r\n", false },
    { "isn't where one begins so", "WWW-Authenticate: Bearer error=\"invalid_tokens\"\r\n", false },
    { "isn't where one ends so", "WWW-Authenticate: Bearer error=\"not_invalid_token\"\r\n", false },
    { "isn't where it is cut off", "WWW-Authenticate: Bearer error=\"invalid_toke", false },
    { "isn't its description", "WWW-Authenticate: Bearer error_description=\"invalid_token\"\r\n", false },
    { "isn't another word's end", "WWW-Authenticate: Bearer xerror=\"invalid_token\"\r\n", false },
    { "isn't within a quoted text [6750-06]", "WWW-Authenticate: Bearer realm=\"an error=invalid_token here\"\r\n",
      false },
    { "isn't within a quoted text behind an escaped quote",
      "WWW-Authenticate: Bearer realm=\"\\\" error=invalid_token\"\r\n", false },
    { "is there behind a scheme's token68 [6750-06]",
      "WWW-Authenticate: Negotiate YWJj==, Bearer error=\"invalid_token\"\r\n", true },
    { "is there with characters behind a backslash", "WWW-Authenticate: Bearer error=\"in\\valid_\\token\"\r\n", true },
    { "isn't a scheme's token68", "WWW-Authenticate: error invalid_token\r\n", false },
    { "isn't in another field", "X-Authenticate: Bearer error=\"invalid_token\"\r\n", false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("header: a challenge's error %s", rows[i].what) {
      size_t n = strlen(rows[i].block);
      char *in = exact(rows[i].block, n);
      check(al_header_challenges(in, n, "invalid_token") == rows[i].there);
      free(in);
    }
  }
  it("header: cut after any byte, a block is read to its end and not beyond") {
    static const char
      block[] = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nWWW-Authenticate: Bearer realm=\"a\\\"\", "
                "error=\"invalid_token\"\r\n";
    for (size_t n = 0; n < sizeof block; n++) {
      char *in = exact(block, n);
      size_t size;
      al_header_retry_after(in, n, 0);
      check(al_header_challenges(in, n, "invalid_token") == (n >= 102));
      al_header_find(in, n, "none", &size);
      free(in);
    }
  }
}

/* ---- next ---- */

static void pauses (void) {
  it("next: a pause is as the server asked for, even 0")
    check(al_next_pause(1, 0, 7) == 0 && al_next_pause(9, 123456, 7) == 123456);
  it("next: without its word the pause doubles, jittered between half and whole, up to a ceiling") {
    int64_t whole = AL_BACKOFF_MS;
    for (int tries = 1; tries <= 40; tries++) {
      check(al_next_pause(tries, -1, 0) == whole / 2);
      for (unsigned jitter = 0; jitter < 100000; jitter += 37) {
        int64_t pause = al_next_pause(tries, -1, jitter);
        check(pause >= whole / 2 && pause <= whole);
      }
      check(al_next_pause(tries, -1, (unsigned)(whole / 2)) == whole && al_next_pause(tries, -1, UINT_MAX) <= whole);
      whole = whole * 2 < AL_MAX_BACKOFF_MS ? whole * 2 : AL_MAX_BACKOFF_MS;
    }
    check(whole == AL_MAX_BACKOFF_MS);
  }
}

/* ---- token ---- */

static void margin (const char *what, int64_t lifetime, int64_t stale_at) {
  it("token: %s", what) {
    al_token *t = al_token_new("t", 1, lifetime, 1000);
    check(al_token_fresh(t, 1000 + stale_at - 1) && !al_token_fresh(t, 1000 + stale_at));
    check(al_token_alive(t, 1000 + lifetime - 1) && !al_token_alive(t, 1000 + lifetime));
    al_token_drop(t);
  }
}

static void tokens (void) {
  margin("margin is a minute of a long lifetime", 3600000, 3540000);
  margin("margin is a minute of the longest lifetime", AL_MAX_LIFETIME_S * 1000, AL_MAX_LIFETIME_S * 1000 - 60000);
  margin("margin is a tenth of a short lifetime", 5000, 4500);
  margin("margin is a minute where that is a tenth", 600000, 540000);
  margin("margin is nothing where there is next to no lifetime", 9, 9);
  it("token: one without a lifetime serves until it is refused [6749-29]") {
    al_token *t = al_token_new("t", 1, -1, 1000);
    check(t->expires_at == -1 && al_token_fresh(t, INT64_MAX) && al_token_alive(t, INT64_MAX));
    al_token_drop(t);
  }
  it("token: one with no lifetime left is neither fresh nor alive") {
    al_token *t = al_token_new("t", 1, 0, 1000);
    check(!al_token_fresh(t, 1000) && !al_token_alive(t, 1000));
    al_token_drop(t);
  }
  it("token: its line is made once, secret, and holds its text") {
    al_token *t = al_token_new("abc-XYZ=", 8, 5, 0);
    size_t n;
    check(t->line.secret && holds(&t->line, "Authorization: Bearer abc-XYZ="));
    const char *text = al_token_text(t, &n);
    check(is(text, n, "abc-XYZ="));
    al_token_drop(t);
  }
  it("token: lives until its last reference is dropped") {
    al_token *t = al_token_new("t", 1, 5, 0);
    check(al_token_hold(t) == t && t->refs == 2);
    al_token_drop(t);
    check(t->refs == 1 && holds(&t->line, "Authorization: Bearer t"));
    al_token_drop(t);
    al_token_drop(NULL);
  }
  it("token: one beyond its ceiling can't be") {
    char *text = calloc(1, AL_MAX_TOKEN_REPLY + 100);
    check(al_token_new(text, AL_MAX_TOKEN_REPLY + 100, 5, 0) == NULL);
    free(text);
  }
  it("token: printable are the visible characters of ASCII, one at least") {
    check(al_token_printable("!~aZ09", 6) && !al_token_printable("", 0));
    for (int c = 0; c < 256; c++) {
      char text[3] = { 'a', (char)c, 'b' };
      check(al_token_printable(text, 3) == (c > 0x20 && c < 0x7F));
    }
  }
}

int main (void) {
  clientauths();
  grants();
  finding();
  retry_after();
  challenges();
  pauses();
  tokens();
  return test_over();
}
