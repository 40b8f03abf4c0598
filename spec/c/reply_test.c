/* reply: what token endpoints answer, and what is made of it. */
#include "test.h"

#include <limits.h>

#include "ground/limits.h"
#include "law/reply.h"

static al_fault fault;

static bool reads (al_reply *r, int status, const char *body, size_t n) {
  char *in = exact(body, n);
  memset(&fault, 'x', sizeof fault);
  al_fault_clear(&fault);
  al_reply_init(r);
  bool ok = al_reply_read(r, &fault, status, in, n);
  free(in);
  return ok;
}

typedef struct row {
  const char *what, *body;
  int64_t lifetime_ms;
} row;

static void tokens (void) {
  enum { unknown = -1 };
  static const int64_t longest = AL_MAX_LIFETIME_S * 1000;
  const row rows[] = {
    { "the plainest", "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}", unknown },
    { "[6749-29] expires_in missing", "{\"access_token\":\"t\"}", unknown },
    { "[6749-30] expires_in a number", "{\"access_token\":\"t\",\"expires_in\":3600}", 3600000 },
    { "[6749-30] expires_in a string", "{\"access_token\":\"t\",\"expires_in\":\"3600\"}", 3600000 },
    { "[6749-30] expires_in a float", "{\"access_token\":\"t\",\"expires_in\":3600.5}", 3600500 },
    { "[6749-30] expires_in with an exponent", "{\"access_token\":\"t\",\"expires_in\":3.6e3}", 3600000 },
    { "[6749-30] expires_in a float in a string", "{\"access_token\":\"t\",\"expires_in\":\"3600.0\"}", 3600000 },
    { "[6749-30] expires_in 0, which means never", "{\"access_token\":\"t\",\"expires_in\":0}", unknown },
    { "[6749-30] expires_in -0", "{\"access_token\":\"t\",\"expires_in\":-0}", unknown },
    { "[6749-30] expires_in \"0\"", "{\"access_token\":\"t\",\"expires_in\":\"0\"}", unknown },
    { "[6749-30] expires_in negative", "{\"access_token\":\"t\",\"expires_in\":-1}", unknown },
    { "[6749-30] expires_in hugely negative", "{\"access_token\":\"t\",\"expires_in\":-1e400}", unknown },
    { "[6749-30] expires_in null", "{\"access_token\":\"t\",\"expires_in\":null}", unknown },
    { "[6749-30] expires_in true", "{\"access_token\":\"t\",\"expires_in\":true}", unknown },
    { "[6749-30] expires_in an object", "{\"access_token\":\"t\",\"expires_in\":{\"seconds\":5}}", unknown },
    { "[6749-30] expires_in a list", "{\"access_token\":\"t\",\"expires_in\":[5]}", unknown },
    { "[6749-30] expires_in \"\"", "{\"access_token\":\"t\",\"expires_in\":\"\"}", unknown },
    { "[6749-30] expires_in words", "{\"access_token\":\"t\",\"expires_in\":\"soon\"}", unknown },
    { "[6749-30] expires_in a number and words", "{\"access_token\":\"t\",\"expires_in\":\"3600 s\"}", unknown },
    { "[6749-30] expires_in 2^31", "{\"access_token\":\"t\",\"expires_in\":2147483648}", longest },
    { "[6749-30] expires_in 2^63", "{\"access_token\":\"t\",\"expires_in\":9223372036854775808}", longest },
    { "[6749-30] expires_in 1e400", "{\"access_token\":\"t\",\"expires_in\":1e400}", longest },
    { "[6749-30] expires_in 0e400", "{\"access_token\":\"t\",\"expires_in\":0e400}", unknown },
    { "[6749-30] expires_in of a blink, which would be over before it is used",
      "{\"access_token\":\"t\",\"expires_in\":0.0001}", 1000 },
    { "expires_in twice: the last one holds", "{\"access_token\":\"t\",\"expires_in\":10,\"expires_in\":20}", 20000 },
    { "access_token twice: the last one holds", "{\"access_token\":\"first\",\"access_token\":\"t\"}", unknown },
    { "[6749-18] token_type in odd case", "{\"access_token\":\"t\",\"token_type\":\"bEARER\"}", unknown },
    { "[6749-19] token_type missing", "{\"access_token\":\"t\",\"token_type\":null}", unknown },
    { "[6749-04] members unknown and deep",
      "{\"x\":{\"access_token\":\"no\",\"y\":[[1]]},\"access_token\":\"t\",\"z\":\"\\u0000\"}", unknown },
    { "white space around", " \r\n\t{ \"access_token\" : \"t\" } \n", unknown },
    { "the token spelt with escapes", "{\"access_token\":\"\\u0074\"}", unknown },
    { "error null beside a token", "{\"access_token\":\"t\",\"error\":null}", unknown },
    { "error \"\" beside a token", "{\"access_token\":\"t\",\"error\":\"\"}", unknown },
    { "error false beside a token", "{\"access_token\":\"t\",\"error\":false}", unknown },
    { "a form", "access_token=t&token_type=bearer&expires_in=3600", 3600000 },
    { "a form with escapes and a line's end", "scope=a+b%2Cc&access_token=%74&token_type=bearer\r\n", unknown },
    { "a form with expires_in empty", "access_token=t&expires_in=", unknown },
    { "a form with an empty error", "access_token=t&error=", unknown },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("reply: a token comes of %s", rows[i].what) {
      al_reply r;
      check(reads(&r, 200, rows[i].body, strlen(rows[i].body)));
      check(holds(&r.access_token, "t") && r.access_token.secret && r.refresh_token.n == 0);
      check(r.lifetime_ms == rows[i].lifetime_ms && fault.kind == AL_FINE);
      al_reply_dispose(&r);
    }
  }
}

static void members (void) {
  al_reply r;
  it("reply: token_type is noted where it was there [6749-19]") {
    check(reads(&r, 200, "{\"access_token\":\"t\",\"token_type\":\"bearer\"}", 42) && r.typed);
    al_reply_dispose(&r);
    check(reads(&r, 200, "{\"access_token\":\"t\"}", 20) && !r.typed);
    al_reply_dispose(&r);
  }
  static const struct {
    const char *what, *scope, *expected;
  } scopes[] = {
    { "a string", "\"a b\"", "a b" },       { "null", "null", "" },
    { "an object", "{\"a\":1}", "" },       { "a list", "[\"a\",\"b c\"]", "a b c" },
    { "an empty list", "[]", "" },          { "a list with other things in it", "[1,\"a\",null,\"b\",{}]", "a b" },
    { "a list of lists", "[[\"a\"]]", "" }, { "a number", "5", "" },
  };
  for (size_t i = 0; i < 8; i++) {
    it("reply: scope may be %s [6749-20]", scopes[i].what) {
      al_buf body = AL_BUF(1000);
      al_buf_addf(&body, "{\"scope\":%s,\"access_token\":\"t\"}", scopes[i].scope);
      check(reads(&r, 200, body.bytes, body.n) && holds(&r.scope, scopes[i].expected));
      al_reply_dispose(&r);
      al_buf_dispose(&body);
    }
  }
  it("reply: a refresh token goes into a secret buffer of its own") {
    check(reads(&r, 201, "{\"refresh_token\":\"r/1\",\"access_token\":\"t\"}", 42) && holds(&r.refresh_token, "r/1") &&
          r.refresh_token.secret);
    al_reply_dispose(&r);
  }
  it("reply: [6749-26] a token of 16 KiB comes through whole, as JSON and as a form") {
    for (int form = 0; form < 2; form++) {
      al_buf body = AL_BUF(20000);
      al_buf_adds(&body, form ? "access_token=" : "{\"access_token\":\"");
      for (int i = 0; i < 16 * 1024; i++) al_buf_addc(&body, (char)('a' + i % 26));
      if (!form) al_buf_adds(&body, "\"}");
      check(reads(&r, 200, body.bytes, body.n) && r.access_token.n == 16 * 1024 &&
            r.access_token.bytes[16 * 1024 - 1] == 'a' + (16 * 1024 - 1) % 26);
      al_reply_dispose(&r);
      al_buf_dispose(&body);
    }
  }
}

typedef struct no {
  const char *what;
  int status;
  const char *body, *code;
  al_outcome outcome;
} no;

static void refuse (const no *rows, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const no *x = &rows[i];
    it("reply: %s is \"%s\", %s", x->what, x->code, al_outcome_name(x->outcome)) {
      al_reply r;
      check(!reads(&r, x->status, x->body, strlen(x->body)));
      check(fault.kind == AL_OAUTH && fault.outcome == x->outcome && fault.status == x->status);
      check(strcmp(fault.code, x->code) == 0 && fault.message[0] != '\0' && fault.retry_after_ms == -1);
      al_reply_dispose(&r);
    }
  }
}

static void refusals (void) {
  static const no rows[] = {
    { "[6749-27] an error with 400", 400, "{\"error\":\"invalid_scope\"}", "invalid_scope", AL_MISCONFIGURED },
    { "[6749-27] invalid_client with 401", 401, "{\"error\":\"invalid_client\"}", "invalid_client", AL_MISCONFIGURED },
    { "[6749-28] an error with 200", 200, "{\"error\":\"bad_verification_code\"}", "bad_verification_code",
      AL_MISCONFIGURED },
    { "[6749-28] an error with 200 beside a token", 200, "{\"access_token\":\"t\",\"error\":\"invalid_scope\"}",
      "invalid_scope", AL_MISCONFIGURED },
    { "[6749-28] an error as a form with 200", 200, "error=bad_verification_code&error_description=No.",
      "bad_verification_code", AL_MISCONFIGURED },
    { "invalid_grant", 400, "{\"error\":\"invalid_grant\"}", "invalid_grant", AL_MISCONFIGURED },
    { "invalid_grant of a server that is out of order", 503, "{\"error\":\"invalid_grant\"}", "invalid_grant",
      AL_TRANSIENT },
    { "server_error with 400", 400, "{\"error\":\"server_error\"}", "server_error", AL_TRANSIENT },
    { "temporarily_unavailable", 503, "{\"error\":\"temporarily_unavailable\"}", "temporarily_unavailable",
      AL_TRANSIENT },
    { "slow_down", 400, "{\"error\":\"slow_down\"}", "slow_down", AL_TRANSIENT },
    { "an unknown error with 500", 500, "{\"error\":\"oops\"}", "oops", AL_TRANSIENT },
    { "an unknown error with 429", 429, "{\"error\":\"rate_limited\"}", "rate_limited", AL_TRANSIENT },
    { "access_denied", 400, "{\"error\":\"access_denied\"}", "access_denied", AL_INTERACTION },
    { "consent_required", 400, "{\"error\":\"consent_required\"}", "consent_required", AL_INTERACTION },
    { "an error that is an object", 400, "{\"error\":{\"code\":1}}", "unreadable_error", AL_MISCONFIGURED },
    { "an error object beside a token", 200, "{\"access_token\":\"t\",\"error\":{}}", "unreadable_error",
      AL_MISCONFIGURED },
    { "a token with a status of 400", 400, "{\"access_token\":\"t\"}", "malformed_reply", AL_MISCONFIGURED },
    { "a token with a status of 500", 500, "{\"access_token\":\"t\"}", "server_error", AL_TRANSIENT },
    { "[6749-17] a token of type mac", 200, "{\"access_token\":\"t\",\"token_type\":\"mac\"}", "unsupported_token_type",
      AL_MISCONFIGURED },
    { "[6749-17] a token of type bearerx", 200, "{\"access_token\":\"t\",\"token_type\":\"bearerx\"}",
      "unsupported_token_type", AL_MISCONFIGURED },
    { "[6749-17] a token of type bearer and NUL", 200, "{\"access_token\":\"t\",\"token_type\":\"bearer\\u0000\"}",
      "unsupported_token_type", AL_MISCONFIGURED },
    { "[6749-17] a token whose type is a number", 200, "{\"access_token\":\"t\",\"token_type\":1}",
      "unsupported_token_type", AL_MISCONFIGURED },
    { "[6749-17] a token of type mac as a form", 200, "access_token=t&token_type=mac", "unsupported_token_type",
      AL_MISCONFIGURED },
    { "no access_token", 200, "{\"token_type\":\"bearer\"}", "malformed_reply", AL_MISCONFIGURED },
    { "an empty object", 200, "{}", "malformed_reply", AL_MISCONFIGURED },
    { "an empty access_token", 200, "{\"access_token\":\"\"}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token that is null", 200, "{\"access_token\":null}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token that is a number", 200, "{\"access_token\":12345}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token that became a number", 200, "{\"access_token\":\"t\",\"access_token\":5}", "malformed_reply",
      AL_MISCONFIGURED },
    { "an access_token in a member whose name only begins so", 200, "{\"access_token\\u0000x\":\"t\"}",
      "malformed_reply", AL_MISCONFIGURED },
    { "an access_token in a field whose name only begins so", 200, "access_token%00x=t&a=b", "malformed_reply",
      AL_MISCONFIGURED },
    { "an access_token with a line break", 200, "{\"access_token\":\"t\\r\\nX: y\"}", "malformed_reply",
      AL_MISCONFIGURED },
    { "an access_token with a space", 200, "{\"access_token\":\"t u\"}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token with a NUL", 200, "{\"access_token\":\"t\\u0000\"}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token beyond ASCII", 200, "{\"access_token\":\"t\xC3\xA9\"}", "malformed_reply", AL_MISCONFIGURED },
    { "an access_token with a line break in a form", 200, "access_token=t%0D%0AX", "malformed_reply",
      AL_MISCONFIGURED },
    { "an access_token with a '+' for a space in a form", 200, "access_token=t+u", "malformed_reply",
      AL_MISCONFIGURED },
    { "an empty body", 200, "", "malformed_reply", AL_MISCONFIGURED },
    { "an empty body with 500", 500, "", "server_error", AL_TRANSIENT },
    { "an empty body with 401", 401, "", "malformed_reply", AL_MISCONFIGURED },
    { "an empty body with 204", 204, "", "malformed_reply", AL_MISCONFIGURED },
    { "a web page", 200, "<!DOCTYPE html><html></html>", "malformed_reply", AL_MISCONFIGURED },
    { "a web page with 502", 502, "<html><h1>Bad Gateway</h1></html>", "server_error", AL_TRANSIENT },
    { "a web page that looks like a form", 200, "<a href=\"/x?y=1&access_token=no\">in</a>", "malformed_reply",
      AL_MISCONFIGURED },
    { "a web page with an error in a link", 200, "<a href=\"/x?y=1&error=invalid_grant\">x</a>", "malformed_reply",
      AL_MISCONFIGURED },
    { "429 without a word", 429, "slow", "slow_down", AL_TRANSIENT },
    { "JSON that isn't an object", 200, "[{\"access_token\":\"t\"}]", "malformed_reply", AL_MISCONFIGURED },
    { "a string", 200, "\"access_token\"", "malformed_reply", AL_MISCONFIGURED },
    { "JSON and more", 200, "{\"access_token\":\"t\"}x", "malformed_reply", AL_MISCONFIGURED },
    { "JSON twice", 200, "{\"access_token\":\"t\"}{}", "malformed_reply", AL_MISCONFIGURED },
    { "JSON cut off", 200, "{\"access_token\":\"t\",\"x", "malformed_reply", AL_MISCONFIGURED },
    { "JSON cut off behind white space, with a '=' in it", 200,
      "\n{\"access_token\":\"t\",\"x\":\"=", "malformed_reply", AL_MISCONFIGURED },
    { "two byte order marks", 200, "\xEF\xBB\xBF\xEF\xBB\xBF{\"access_token\":\"t\"}", "malformed_reply",
      AL_MISCONFIGURED },
    { "a form with a broken escape", 200, "access_token=t&x=%", "malformed_reply", AL_MISCONFIGURED },
    { "a form without a token", 200, "a=b", "malformed_reply", AL_MISCONFIGURED },
    { "plain words", 200, "OK", "malformed_reply", AL_MISCONFIGURED },
    { "a redirect", 302, "", "unexpected_redirect", AL_MISCONFIGURED },
    { "a redirect with a token", 307, "{\"access_token\":\"t\"}", "unexpected_redirect", AL_MISCONFIGURED },
    { "304", 304, "", "unexpected_redirect", AL_MISCONFIGURED },
    { "a status of 100 with a token", 100, "{\"access_token\":\"t\"}", "malformed_reply", AL_MISCONFIGURED },
  };
  refuse(rows, sizeof rows / sizeof *rows);
}

static void details (void) {
  al_reply r;
  it("reply: [6749-27] code, description and uri are handed on") {
    static const char body[] = "{\"error\":\"invalid_scope\",\"error_description\":\"No "
                               "\\u0022x\\u0022\\nhere\",\"error_uri\":\"https://e.example/1\"}";
    check(!reads(&r, 400, body, sizeof body - 1));
    check(strcmp(fault.description, "No \"x\"?here") == 0 && strcmp(fault.uri, "https://e.example/1") == 0);
    check(strcmp(fault.message, "the token endpoint said no: invalid_scope: No \"x\"?here") == 0);
    al_reply_dispose(&r);
  }
  it("reply: a description may be a megabyte; its failure isn't") {
    al_buf body = AL_BUF(2000000);
    al_buf_adds(&body, "{\"error\":\"e\",\"error_description\":\"");
    for (int i = 0; i < 1000000; i++) al_buf_addc(&body, 'd');
    al_buf_adds(&body, "\"}");
    check(!reads(&r, 400, body.bytes, body.n) && strlen(fault.description) == AL_MAX_DESCRIPTION - 1 &&
          strcmp(fault.code, "e") == 0);
    al_reply_dispose(&r);
    al_buf_dispose(&body);
  }
  it("reply: no failure shows a token that came with it") {
    static const char *const bodies[] = { "{\"access_token\":\"CANARY\",\"token_type\":\"mac\"}",
                                          "{\"access_token\":\"CANARY \"}",
                                          "{\"access_token\":\"CANARY\",\"error\":\"e\"}",
                                          "{\"access_token\":\"CANARY\"", "access_token=CANARY&x" };
    for (int i = 0; i < 5; i++) {
      check(!reads(&r, 200, bodies[i], strlen(bodies[i])) && strstr(fault.message, "CANARY") == NULL &&
            strstr(fault.description, "CANARY") == NULL);
      al_reply_dispose(&r);
    }
  }
  it("reply: a web page is called one") {
    check(!reads(&r, 200, "<html>", 6) && strstr(fault.message, "web page") != NULL);
    al_reply_dispose(&r);
    check(!reads(&r, 200, "", 0) && strstr(fault.message, "empty") != NULL);
    al_reply_dispose(&r);
  }
  it("reply: no body at all is an empty one") {
    al_reply_init(&r);
    check(!al_reply_read(&r, &fault, 200, NULL, 0) && strcmp(fault.code, "malformed_reply") == 0);
    al_reply_dispose(&r);
  }
}

static void list_of_scope (al_buf *body, size_t n, const char *after) {
  al_buf_adds(body, "{\"access_token\":\"t\",\"scope\":[\"");
  for (size_t i = 0; i < n; i++) al_buf_addc(body, 's');
  al_buf_addf(body, "\"%s]}", after);
}

static void ceilings (void) {
  al_reply r;
  it("reply: a scope at its ceiling comes through; beyond it, none of it does") {
    static const struct {
      size_t n;
      const char *after;
      bool ok;
    } rows[] = { { AL_MAX_SCOPE, "", true },
                 { AL_MAX_SCOPE + 1, "", false },
                 { AL_MAX_SCOPE, ",\"x\"", false },
                 { AL_MAX_SCOPE, ",5", true } };
    for (int i = 0; i < 4; i++) {
      al_buf body = AL_BUF(100000);
      list_of_scope(&body, rows[i].n, rows[i].after);
      check(reads(&r, 200, body.bytes, body.n) == rows[i].ok &&
            (rows[i].ok ? r.scope.n == AL_MAX_SCOPE : strcmp(fault.code, "malformed_reply") == 0));
      al_reply_dispose(&r);
      al_buf_dispose(&body);
    }
  }
  it("reply: nesting beyond the limit is malformed") {
    al_buf body = AL_BUF(1000);
    al_buf_adds(&body, "{\"access_token\":\"t\",\"x\":");
    for (int i = 0; i < AL_MAX_JSON_DEPTH; i++) al_buf_addc(&body, '[');
    for (int i = 0; i < AL_MAX_JSON_DEPTH; i++) al_buf_addc(&body, ']');
    al_buf_addc(&body, '}');
    check(!reads(&r, 200, body.bytes, body.n) && strcmp(fault.code, "malformed_reply") == 0);
    al_reply_dispose(&r);
    al_buf_dispose(&body);
  }
}

static void truncation (void) {
  static const char *const samples[] = {
    "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"refresh_token\":\"r\",\"scope\":[\"a\","
    "\"b\"],\"x\":{\"y\":[1.5e3,null]}}",
    " {\"access_token\":\"YWJj=\",\"id_token\":\"a=b&c=d\",\"error_description\":\"\\uD83D\\uDE00\"}",
  };
  for (int s = 0; s < 2; s++) {
    it("reply: JSON cut off after any byte gives no token (sample %d)", s + 1) {
      al_reply r;
      size_t n = strlen(samples[s]);
      check(reads(&r, 200, samples[s], n));
      al_reply_dispose(&r);
      for (size_t i = 0; i < n; i++) {
        check(!reads(&r, 200, samples[s], i) && strcmp(fault.code, "malformed_reply") == 0);
        al_reply_dispose(&r);
      }
    }
  }
  it("reply: a form cut off after any byte is read to its end and not beyond") {
    static const char form[] = "access_token=a%62c&token_type=bearer&expires_in=3600&scope=a+b";
    int good = 0;
    for (size_t i = 0; i < sizeof form; i++) {
      al_reply r;
      good += reads(&r, 200, form, i);
      al_reply_dispose(&r);
    }
    check(good > 10 && good < (int)sizeof form);
  }
}

static void exchanges (void) {
  it("reply: issued_token_type is kept, and N_A is told from Bearer in any case [8693-02] [8693-03]") {
    static const char body[] = "{\"access_token\":\"t\",\"issued_token_type\":\"urn:x\",\"token_type\":\"n_A\"}";
    al_reply r;
    al_fault f;
    al_reply_init(&r);
    check(al_reply_read(&r, &f, 200, body, sizeof body - 1) && r.type == AL_NO_ACCESS_TOKEN &&
          holds(&r.issued_token_type, "urn:x"));
    al_reply_dispose(&r);
  }
  it("reply: a redirect brings no token of type N_A") {
    al_buf token = AL_BUF_SECRET(100), type = AL_BUF(100), none = AL_BUF(100);
    al_reply r;
    al_fault f;
    al_reply_init(&r);
    al_buf_adds(&token, "t");
    al_buf_adds(&type, "N_A");
    check(!al_reply_from_fields(&r, &f, &token, &type, true, &none, &none) &&
          strcmp(f.code, "unsupported_token_type") == 0);
    al_reply_dispose(&r);
    al_buf_dispose(&type);
  }
}

int main (void) {
  tokens();
  members();
  refusals();
  details();
  ceilings();
  truncation();
  exchanges();
  return test_over();
}
