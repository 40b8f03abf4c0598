/* request: what a program may ask for, and where it may go. */
#include "test.h"

#include "ground/limits.h"
#include "law/request.h"

static const char *header (al_request *r, const char *name, const char *value) {
  return al_request_header(r, name, strlen(name), value, strlen(value));
}

static void methods (void) {
  al_request r;
  al_request_init(&r);
  it("request: is an empty GET to begin with") {
    check(strcmp(r.method, "GET") == 0 && !r.has_body && !r.reads && !r.bare && r.line_count == 0 && r.url.n == 0 &&
          al_request_repeatable(&r));
    check(r.lines.secret && r.body.secret);
  }
  it("request: a method is a token of up to 23 letters") {
    check(al_request_method(&r, "PATCH", 5) == NULL && strcmp(r.method, "PATCH") == 0);
    check(al_request_method(&r, "M-SEARCH", 8) == NULL && al_request_method(&r, "ABCDEFGHIJKLMNOPQRSTUVW", 23) == NULL);
    check(strcmp(r.method, "ABCDEFGHIJKLMNOPQRSTUVW") == 0);
  }
  static const struct {
    const char *method;
    size_t n;
  } bad[] = { { "", 0 },
              { "GET ", 4 },
              { "GET\r\nX: y", 9 },
              { "G\0T", 3 },
              { "G\xC3\xA9T", 4 },
              { "GET/", 4 },
              { "ABCDEFGHIJKLMNOPQRSTUVWX", 24 } };
  for (size_t i = 0; i < 7; i++) {
    it("request: \"%s\" is no method, and leaves the old one", bad[i].method) {
      al_request_method(&r, "PUT", 3);
      check(al_request_method(&r, bad[i].method, bad[i].n) != NULL && strcmp(r.method, "PUT") == 0);
    }
  }
  al_request_dispose(&r);
}

static void headers (void) {
  al_request r;
  it("request: a header is a line; an empty one is spelt with ';'") {
    al_request_init(&r);
    check(header(&r, "X-A", "1") == NULL && header(&r, "x-b", "") == NULL && header(&r, "X-C", " two words ") == NULL);
    check(r.line_count == 3 && r.lines.n == 29 && memcmp(r.lines.bytes, "X-A: 1\0x-b;\0X-C:  two words \0", 29) == 0);
    al_request_dispose(&r);
  }
  it("request: has finds a line by its whole name, in any case") {
    al_request_init(&r);
    header(&r, "Content-Type", "x");
    header(&r, "Empty", "");
    check(al_request_has(&r, "content-type") && al_request_has(&r, "EMPTY"));
    check(!al_request_has(&r, "content") && !al_request_has(&r, "content-types") && !al_request_has(&r, "x") &&
          !al_request_has(&r, "Type"));
    al_request_dispose(&r);
  }
  static const struct {
    const char *what, *name, *value;
    size_t name_n, value_n;
  } bad[] = {
    { "a line break in a value", "X-A", "1\r\nX-B: 2", 3, 9 },
    { "a bare LF in a value", "X-A", "1\nX", 3, 3 },
    { "a bare CR in a value", "X-A", "1\rX", 3, 3 },
    { "a NUL in a value", "X-A", "1\0X", 3, 3 },
    { "a line break at a value's end", "X-A", "1\n", 3, 2 },
    { "an escape in a value", "X-A", "1\x1bX", 3, 3 },
    { "a vertical tab in a value", "X-A", "1\vX", 3, 3 },
    { "a DEL in a value", "X-A", "1\x7f", 3, 2 },
    { "a line break in a name", "X\r\nA", "1", 4, 1 },
    { "a colon in a name", "X:A", "1", 3, 1 },
    { "a space in a name", "X A", "1", 3, 1 },
    { "a space before the colon", "X-A ", "1", 4, 1 },
    { "an empty name", "", "1", 0, 1 },
    { "a NUL in a name", "X\0A", "1", 3, 1 },
    { "a name beyond ASCII", "X-\xC3\xA9", "1", 4, 1 },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    it("request: %s is refused", bad[i].what) {
      al_request_init(&r);
      char *name = exact(bad[i].name, bad[i].name_n), *value = exact(bad[i].value, bad[i].value_n);
      check(al_request_header(&r, name, bad[i].name_n, value, bad[i].value_n) != NULL && r.line_count == 0 &&
            r.lines.n == 0);
      free(name);
      free(value);
      al_request_dispose(&r);
    }
  }
  static const char *const reserved[] = { "Authorization",
                                          "authorization",
                                          "PROXY-AUTHORIZATION",
                                          "Host",
                                          "content-length",
                                          "Transfer-Encoding",
                                          "Connection",
                                          "Upgrade",
                                          "TE",
                                          "te",
                                          "Trailer",
                                          "Expect" };
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    it("request: %s is Airlock's own [6750-01]", reserved[i]) {
      al_request_init(&r);
      check(header(&r, reserved[i], "x") != NULL && r.line_count == 0);
      al_request_dispose(&r);
    }
  }
  it("request: takes as many headers as there may be, and no more") {
    al_request_init(&r);
    for (int i = 0; i < AL_MAX_REQUEST_HEADERS; i++) check(header(&r, "X", "1") == NULL);
    check(header(&r, "X", "1") != NULL && r.line_count == AL_MAX_REQUEST_HEADERS);
    al_request_dispose(&r);
  }
  it("request: headers that are too long together are refused, and leave none behind") {
    char *value = malloc(AL_MAX_REQUEST_HEADER_BYTES);
    memset(value, 'v', AL_MAX_REQUEST_HEADER_BYTES);
    al_request_init(&r);
    for (int i = 0; i < 20; i++) check(header(&r, "X-Short", "1") == NULL);
    check(al_request_header(&r, "X-Long", 6, value, AL_MAX_REQUEST_HEADER_BYTES) != NULL);
    check(r.line_count == 0 && !al_request_has(&r, "X-Short"));
    al_request_dispose(&r);
    free(value);
  }
}

static const char base[] = "https://api.example/v1";

static const char *aim (al_request *r, const char *root, const char *path, const char *query) {
  al_url home;
  if (root != NULL && al_url_parse(&home, root, strlen(root)) != NULL) return "has a base that can't be";
  return al_request_target(r, root, &home, path, strlen(path), query, query != NULL ? strlen(query) : 0);
}

static void targets (void) {
  static const struct {
    const char *root, *path, *query, *url;
  } good[] = {
    { "https://a.example/v1", "me", NULL, "https://a.example/v1/me" },
    { "https://a.example/v1/", "me", NULL, "https://a.example/v1/me" },
    { "https://a.example/v1/", "/me", NULL, "https://a.example/v1/me" },
    { "https://a.example", "me", NULL, "https://a.example/me" },
    { "https://a.example/v1/", "", NULL, "https://a.example/v1/" },
    { "https://a.example/v1/", "//evil.example/x", NULL, "https://a.example/v1/evil.example/x" },
    { "https://a.example/v1/", "ftp://evil.example", NULL, "https://a.example/v1/ftp://evil.example" },
    { "https://a.example/v1/", "me", "a=1&b=2", "https://a.example/v1/me?a=1&b=2" },
    { "https://a.example/v1/", "me?x=0", "a=1", "https://a.example/v1/me?x=0&a=1" },
    { "https://a.example/v1/", "me", "", "https://a.example/v1/me" },
    { "https://a.example/v1/", "https://a.example/other?q", "a=1", "https://a.example/other?q&a=1" },
    { "https://a.example/v1/", "HTTPS://A.EXAMPLE:443/x", NULL, "HTTPS://A.EXAMPLE:443/x" },
    { "http://localhost:8080/", "me", NULL, "http://localhost:8080/me" },
    { "http://127.0.0.1:8080", "http://127.0.0.1:8080/me", NULL, "http://127.0.0.1:8080/me" },
    { NULL, "https://any.example/x", NULL, "https://any.example/x" },
  };
  al_request r;
  al_request_init(&r);
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    it("request: %s with \"%s\" and \"%s\" leads to %s", good[i].root != NULL ? good[i].root : "no base", good[i].path,
       good[i].query != NULL ? good[i].query : "", good[i].url) {
      check(aim(&r, good[i].root, good[i].path, good[i].query) == NULL && holds(&r.url, good[i].url));
      check(r.where.host >= r.url.bytes && r.where.host < r.url.bytes + r.url.n);
    }
  }
  static const struct {
    const char *what, *root, *path, *query, *why;
  } bad[] = {
    { "another host", base, "https://evil.example/", NULL, "another origin" },
    { "another port", base, "https://api.example:8443/", NULL, "another origin" },
    { "a host that begins so", base, "https://api.example.evil.example/", NULL, "another origin" },
    { "a host behind user:password@", base, "https://api.example@evil.example/", NULL, "credentials" },
    { "plain http of the same host", base, "http://api.example/", NULL, "plain http" },
    { "plain http beyond loopback [6750-02]", "http://192.168.0.1/", "me", NULL, "plain http" },
    { "loopback from elsewhere", base, "http://127.0.0.1/", NULL, "another origin" },
    { "a fragment", base, "me#x", NULL, "'#'" },
    { "a fragment in the query", base, "me", "a=1#x", "'#'" },
    { "a space", base, "a b", NULL, "space" },
    { "a space in the query", base, "a", "b c", "space" },
    { "a line break", base, "a\r\nHost: evil.example", NULL, "control" },
    { "a backslash", base, "\\\\evil.example", NULL, "can't have" },
    { "a letter beyond ASCII", base, "caf\xC3\xA9", NULL, "ASCII" },
    { "a broken escape", base, "100%", NULL, "hexadecimal" },
    { "a relative path without a base", NULL, "me", NULL, "no base_url" },
    { "an empty path without a base", NULL, "", NULL, "no base_url" },
    { "plain http without a base", NULL, "http://any.example/", NULL, "plain http" },
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    it("request: %s is refused", bad[i].what) {
      const char *why = aim(&r, bad[i].root, bad[i].path, bad[i].query);
      check(why != NULL && strstr(why, bad[i].why) != NULL);
    }
  }
  it("request: a NUL in a path is refused") {
    al_url home;
    al_url_parse(&home, base, strlen(base));
    const char *why = al_request_target(&r, base, &home, "a\0b", 3, NULL, 0);
    check(why != NULL && strstr(why, "control") != NULL);
  }
  it("request: a URL at its ceiling may go, one beyond is refused, and the next one is fine again") {
    char *path = malloc(AL_MAX_URL);
    memset(path, 'p', AL_MAX_URL);
    al_url home;
    al_url_parse(&home, base, strlen(base));
    size_t left = AL_MAX_URL - strlen(base) - 1;
    check(al_request_target(&r, base, &home, path, left, NULL, 0) == NULL && r.url.n == AL_MAX_URL);
    const char *why = al_request_target(&r, base, &home, path, left + 1, NULL, 0);
    check(why != NULL && strstr(why, "too long") != NULL);
    why = al_request_target(&r, base, &home, path, left, "q", 1);
    check(why != NULL && strstr(why, "too long") != NULL);
    check(al_request_target(&r, base, &home, "me", 2, NULL, 0) == NULL && holds(&r.url, "https://api.example/v1/me"));
    free(path);
  }
  it("request: lead takes a URL as it is, judged like any other") {
    check(al_request_lead(&r, "https://b.example/x?y", 21) == NULL && holds(&r.url, "https://b.example/x?y") &&
          r.where.https && !r.where.loopback);
    check(al_request_lead(&r, "http://b.example/", 17) != NULL &&
          al_request_lead(&r, "https://b.example/#f", 20) != NULL && al_request_lead(&r, "", 0) != NULL);
  }
  it("request: can't be sent again once its reader was asked") {
    check(al_request_repeatable(&r));
    r.reads = true;
    check(al_request_repeatable(&r));
    r.read_from = true;
    check(!al_request_repeatable(&r));
  }
  al_request_dispose(&r);
}

int main (void) {
  methods();
  headers();
  targets();
  return test_over();
}
