/* url: the good, the hostile, and where they lead. */
#include "test.h"

#include "ground/url.h"

typedef struct row {
  const char *text, *host, *path, *query; /* query NULL: none */
  int port;
  bool https, loopback, fragment;
} row;

static bool alike (const al_url *a, const al_url *b) {
  return a->https == b->https && a->loopback == b->loopback && a->host == b->host && a->host_n == b->host_n &&
         a->port == b->port && a->path == b->path && a->path_n == b->path_n && a->query == b->query &&
         a->query_n == b->query_n && a->fragment == b->fragment;
}

/* What al_url_parse says of these texts, al_url_parse_near says of them, whatever was read before. */
static void near (void) {
  static const char *const homes[] = { "https://example.com", "https://example.com/v1", "https://example.com:443/",
                                       "http://localhost", "http://[::1]:80/x?y" };
  static const char *const tails[] = {
    "",   "/",    "/a?b", "?q",    "#f", ":443", ":8443/x", ":/", "@evil.example/", ".evil.example",
    "\\", "/a b", "/%2",  "/#a#b", "x"
  };
  char text[128];
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
    for (size_t k = 0; k < sizeof homes / sizeof *homes; k++)
      for (size_t j = 0; j < sizeof tails / sizeof *tails; j++) {
        al_url home, plain, near_it;
        check(al_url_parse(&home, homes[i], strlen(homes[i])) == NULL);
        int n = snprintf(text, sizeof text, "%.*s%s", (int)strcspn(homes[k] + 8, "/?") + 8, homes[k], tails[j]);
        it("url: %s near %s is what it is anywhere", text, homes[i]) {
          char *in = exact(text, (size_t)n);
          const char *why = al_url_parse(&plain, in, (size_t)n),
                     *why_near = al_url_parse_near(&near_it, in, (size_t)n, &home);
          check(why == why_near && (why != NULL || alike(&plain, &near_it)));
          free(in);
        }
      }
}

static void good (void) {
  static const row rows[] = {
    { "https://example.com", "example.com", "", NULL, 443, true, false, false },
    { "https://example.com/", "example.com", "/", NULL, 443, true, false, false },
    { "HTTPS://Example.COM/A", "Example.COM", "/A", NULL, 443, true, false, false },
    { "https://example.com:8443/a/b?c=d&e", "example.com", "/a/b", "c=d&e", 8443, true, false, false },
    { "https://example.com?q", "example.com", "", "q", 443, true, false, false },
    { "https://example.com/?", "example.com", "/", "", 443, true, false, false },
    { "https://example.com#f", "example.com", "", NULL, 443, true, false, true },
    { "https://example.com/a?b#c?d/e", "example.com", "/a", "b", 443, true, false, true },
    { "https://a_b-c.d", "a_b-c.d", "", NULL, 443, true, false, false },
    { "https://example.com/@:!$&'()*+,;=~%20%C3%A9", "example.com", "/@:!$&'()*+,;=~%20%C3%A9", NULL, 443, true, false,
      false },
    { "https://[2001:db8::1]:443/", "[2001:db8::1]", "/", NULL, 443, true, false, false },
    { "https://[::ffff:1.2.3.4]", "[::ffff:1.2.3.4]", "", NULL, 443, true, false, false },
    { "http://example.com", "example.com", "", NULL, 80, false, false, false },
    { "http://localhost:1/", "localhost", "/", NULL, 1, false, true, false },
    { "http://LocalHost", "LocalHost", "", NULL, 80, false, true, false },
    { "http://127.0.0.1:65535/x", "127.0.0.1", "/x", NULL, 65535, false, true, false },
    { "http://127.255.255.255", "127.255.255.255", "", NULL, 80, false, true, false },
    { "http://[::1]:8080", "[::1]", "", NULL, 8080, false, true, false },
    { "https://localhost", "localhost", "", NULL, 443, true, true, false },
    { "https://example.com:00443", "example.com", "", NULL, 443, true, false, false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    const row *r = &rows[i];
    it("url: %s is sound", r->text) {
      char *in = exact(r->text, strlen(r->text));
      al_url u;
      check(al_url_parse(&u, in, strlen(r->text)) == NULL);
      check(u.https == r->https && u.port == r->port && u.loopback == r->loopback && u.fragment == r->fragment);
      check(u.host != NULL && is(u.host, u.host_n, r->host));
      check(u.path != NULL && is(u.path, u.path_n, r->path));
      if (r->query == NULL) check(u.query == NULL);
      else check(u.query != NULL && is(u.query, u.query_n, r->query));
      free(in);
    }
  }
}

static void hostile (void) {
  static const struct {
    const char *text, *why;
  } rows[] = {
    { "", "begin with https" },
    { "https", "begin with https" },
    { "https:/", "begin with https" },
    { "https:/example.com", "begin with https" },
    { "//example.com", "begin with https" },
    { "/path", "begin with https" },
    { "ftp://example.com", "begin with https" },
    { "file:///etc/passwd", "begin with https" },
    { "javascript:alert(1)", "begin with https" },
    { " https://example.com", "begin with https" },
    { "httpss://example.com", "begin with https" },
    { "https://", "no host" },
    { "https:///path", "no host" },
    { "https://?q", "no host" },
    { "https://:443", "no host" },
    { "https://user@example.com", "credentials" },
    { "https://user:pass@example.com", "credentials" },
    { "https://example.com@evil.example/", "credentials" },
    { "https://example.com:80@evil.example/", "credentials" },
    { "https://@example.com", "credentials" },
    { "https://example.com\\@evil.example/", "credentials" },
    { "https://example.com\\.evil.example/", "host that can't be read" },
    { "https:\\\\example.com", "begin with https" },
    { "https://example.com/a\\b", "can't have" },
    { "https://example.com:", "without a port" },
    { "https://example.com:/", "without a port" },
    { "https://example.com:0", "port 0" },
    { "https://example.com:000", "port 0" },
    { "https://example.com:65536", "above 65535" },
    { "https://example.com:99999999999999999999", "above 65535" },
    { "https://example.com:4294967739", "above 65535" },
    { "https://example.com:-1", "isn't a number" },
    { "https://example.com:+443", "isn't a number" },
    { "https://example.com:44a", "isn't a number" },
    { "https://example.com:443:443", "isn't a number" },
    { "https://example .com", "host that can't be read" },
    { "https://exa%6Dple.com", "host that can't be read" },
    { "https://.example.com", "host that can't be read" },
    { "https://-example.com", "host that can't be read" },
    { "https://ex\xC3\xA4mple.com", "punycode" },
    { "https://\xEF\xBC\x85"
      "2f.com",
      "punycode" },
    { "https://127.1", "some read as an IP address" },
    { "https://127.0.0.1.", "some read as an IP address" },
    { "https://127.0.0.256", "some read as an IP address" },
    { "https://0x7f000001", "some read as an IP address" },
    { "https://evil.example.0X7F", "some read as an IP address" },
    { "https://2130706433", "some read as an IP address" },
    { "https://10.0.0.010", "some read as an IP address" },
    { "https://1.2.3.4.5", "some read as an IP address" },
    { "https://example.com.8", "some read as an IP address" },
    { "https://[::1", "without ']'" },
    { "https://[1:2]", "IPv6" },
    { "https://[::1::2]", "IPv6" },
    { "https://[::ffff:127.0.0.01]", "IPv6" },
    { "https://[1:2:3:4:5:6:7:8:9]", "IPv6" },
    { "https://[]", "IPv6" },
    { "https://[:]", "IPv6" },
    { "https://[fe80::1%25eth0]", "IPv6" },
    { "https://[::1]evil.example", "between the address and the port" },
    { "https://[::1].evil.example", "between the address and the port" },
    { "https://[::1]:", "without a port" },
    { "https://::1", "no host" },
    { "https://fe80::1", "isn't a number" },
    { "https://example.com/a b", "space" },
    { "https://example.com/a\tb", "control" },
    { "https://example.com/a\r\nHost:x", "control" },
    { "https://example.com/\x7F", "control" },
    { "https://example.com/caf\xC3\xA9", "outside ASCII" },
    { "https://example.com/?q=\xFF", "outside ASCII" },
    { "https://example.com/<script>", "can't have" },
    { "https://example.com/\"", "can't have" },
    { "https://example.com/[1]", "can't have" },
    { "https://example.com/{id}", "can't have" },
    { "https://example.com/a|b", "can't have" },
    { "https://example.com/a^b`", "can't have" },
    { "https://example.com/%", "hexadecimal" },
    { "https://example.com/%4", "hexadecimal" },
    { "https://example.com/%4g", "hexadecimal" },
    { "https://example.com/?a=%", "hexadecimal" },
    { "https://example.com/#a#b", "two '#'" },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("url: %s is refused", rows[i].text) {
      char *in = exact(rows[i].text, strlen(rows[i].text));
      al_url u;
      const char *why = al_url_parse(&u, in, strlen(rows[i].text));
      check(why != NULL && strstr(why, rows[i].why) != NULL);
      free(in);
    }
  }
  it("url: a NUL is refused wherever it stands") {
    al_url u;
    check(al_url_parse(&u, "https://example.com\0.evil", 25) != NULL &&
          al_url_parse(&u, "https://example.com/\0", 21) != NULL);
    check(al_url_parse(&u, "https://a:\0", 11) != NULL && al_url_parse(&u, "\0https://a", 10) != NULL);
  }
  it("url: a host of 255 letters is the longest") {
    char text[300] = "https://";
    al_url u;
    memset(text + 8, 'a', 256);
    check(al_url_parse(&u, text, 8 + 255) == NULL && al_url_parse(&u, text, 8 + 256) != NULL);
  }
  it("url: cut after any byte, it is read to its end and not beyond") {
    static const char sample[] = "https://[2001:db8::1]:8443/a%20b?c=%41&d#e";
    for (size_t n = 0; n < sizeof sample; n++) {
      char *in = exact(sample, n);
      al_url u;
      if (al_url_parse(&u, in, n) == NULL)
        check(u.path + u.path_n <= in + n && (u.query == NULL || u.query + u.query_n <= in + n));
      free(in);
    }
  }
}

static al_url read_url (const char *text) {
  al_url u;
  const char *why = al_url_parse(&u, text, strlen(text));
  check(why == NULL);
  return u;
}

static void privacy (void) {
  static const struct {
    const char *text;
    bool fit;
  } rows[] = {
    { "https://example.com", true },
    { "http://example.com", false },
    { "http://localhost", true },
    { "http://127.0.0.1:80", true },
    { "http://127.9.8.7", true },
    { "http://[::1]", true },
    { "http://127.1", false },
    { "http://127.0.0", false },
    { "http://127.0.0.1.", false },
    { "http://127.0.0.1.5", false },
    { "http://127.0.0.256", false },
    { "http://128.0.0.1", false },
    { "http://0.0.0.0", false },
    { "http://2130706433", false },
    { "http://0x7f.0.0.1", false },
    { "http://0177.0.0.1", false },
    { "http://0127.0.0.1", false },
    { "http://127.0.0.010", false },
    { "http://127..0.1", false },
    { "http://127.0.0.1a", false },
    { "http://localhost.evil.example", false },
    { "http://localhost.", false },
    { "http://notlocalhost", false },
    { "http://[::]", false },
    { "http://[::ffff:127.0.0.1]", false },
    { "http://[0:0:0:0:0:0:0:1]", false },
    { "http://127.0.0.1.evil.example", false },
    { "http://127.0.0.99999999999999999999", false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("url: %s %s carry credentials [6750-02]", rows[i].text, rows[i].fit ? "may" : "must not") {
      al_url u;
      check((al_url_parse(&u, rows[i].text, strlen(rows[i].text)) == NULL && al_url_private(&u)) == rows[i].fit);
    }
  }
}

/* Who may name whom; "in" stands for all the forms below in which an address inside can be written. */
static void naming (void) {
  static const char *const inside[] = {
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "0.9.9.9",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "a.b.localhost.",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.1.2.3]",
    "[::FFFF:A9FE:A9FE]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::1]",
    "[2002:c0a8:1::]",
    "[fc00::1]",
    "[fdff::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
  };
  static const char *const outside[] = {
    "example.com",       "other.example",    "localhost.example",  "notlocalhost",      "1.1.1.1",
    "9.255.255.255",     "11.0.0.0",         "172.15.255.255",     "172.32.0.0",        "100.63.255.255",
    "100.128.0.0",       "169.253.0.1",      "169.255.0.1",        "192.0.1.1",         "192.167.255.255",
    "192.169.0.0",       "198.17.255.255",   "198.20.0.0",         "223.255.255.255",   "[2001:db8::1]",
    "[2606:4700::1111]", "[::ffff:1.1.1.1]", "[64:ff9b::1.1.1.1]", "[2002:101:101::1]", "[fbff::1]",
    "[fe7f::1]",
  };
  al_url far = read_url("https://example.com"), here = read_url("http://127.0.0.1:8080"),
         safe = read_url("https://localhost"), named;
  char text[100];
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
    it("url: %s leads inside, and no server elsewhere may name it", inside[i]) {
      snprintf(text, sizeof text, "https://%s:8443/x", inside[i]);
      named = read_url(text);
      check(!al_url_may_name(&far, &named, NULL));
      check(al_url_may_name(&here, &named, NULL) && al_url_may_name(&safe, &named, NULL));
      check(al_url_may_name(&named, &named, NULL)); /* whoever is there may name itself */
    }
  }
  for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
    it("url: %s leads outside, and every server may name it by https", outside[i]) {
      snprintf(text, sizeof text, "https://%s/x", outside[i]);
      named = read_url(text);
      check(al_url_may_name(&far, &named, NULL) && al_url_may_name(&here, &named, NULL) &&
            al_url_may_name(&safe, &named, NULL));
      snprintf(text, sizeof text, "http://%s/x", outside[i]);
      named = read_url(text);
      check(!al_url_may_name(&far, &named, NULL) && !al_url_may_name(&here, &named, NULL) &&
            !al_url_may_name(&safe, &named, NULL));
    }
  }
  it("url: http to this machine is named by http to this machine alone") {
    named = read_url("http://127.0.0.1:9/");
    check(al_url_may_name(&here, &named, NULL) && !al_url_may_name(&safe, &named, NULL) &&
          !al_url_may_name(&far, &named, NULL));
  }
  it("url: one private address may not name another") {
    al_url one = read_url("https://10.0.0.1"), same = read_url("https://10.0.0.1:8443/x"),
           other = read_url("https://10.0.0.2");
    check(al_url_may_name(&one, &same, NULL) && !al_url_may_name(&one, &other, NULL) &&
          al_url_may_name(&one, &far, NULL));
  }
}

static void origins (void) {
  static const struct {
    const char *a, *b;
    bool same;
  } rows[] = {
    { "https://example.com", "https://example.com:443/path?q#f", true },
    { "http://example.com:80", "http://EXAMPLE.com/x", true },
    { "https://example.com", "http://example.com", false },
    { "https://example.com:443", "http://example.com:443", false },
    { "https://example.com", "https://example.com:444", false },
    { "https://example.com", "https://example.co", false },
    { "https://example.com", "https://www.example.com", false },
    { "https://example.com", "https://example.com.", false },
    { "https://example.com", "https://exbmple.com", false },
    { "http://localhost", "http://127.0.0.1", false },
    { "http://[::1]:80", "http://[::1]", true },
    { "http://[::1]", "http://[::2]", false },
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    it("url: %s and %s are %s origin", rows[i].a, rows[i].b, rows[i].same ? "the same" : "not the same") {
      al_url a = read_url(rows[i].a), b = read_url(rows[i].b);
      check(al_url_same_origin(&a, &b) == rows[i].same && al_url_same_origin(&b, &a) == rows[i].same);
    }
  }
}

int main (void) {
  near();
  good();
  hostile();
  privacy();
  naming();
  origins();
  return test_over();
}
