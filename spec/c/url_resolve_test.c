/* url_resolve: links that servers write, and where browsers go by them. */
#include "test.h"

#include "ground/limits.h"
#include "ground/url_resolve.h"

typedef struct row {
  const char *base, *link, *url; /* url NULL: it leads nowhere */
} row;

static const char home[] = "https://example.com/a/b/c?d";

static void leads (const char *base, const char *link, size_t n, const char *url, bool strict) {
  it("url_resolve: %s from %s%s", link, base, strict ? ", strictly" : "") {
    char *from = exact(base, strlen(base)), *to = exact(link, n);
    al_buf out = AL_BUF(AL_MAX_URL);
    bool ok = al_url_resolve(&out, from, strlen(base), to, n, strict);
    check(ok == (url != NULL));
    check(holds(&out, url != NULL ? url : ""));
    al_buf_dispose(&out);
    free(from);
    free(to);
  }
}

static void all (const row *rows, size_t n, bool strict) {
  for (size_t i = 0; i < n; i++)
    leads(rows[i].base != NULL ? rows[i].base : home, rows[i].link, strlen(rows[i].link), rows[i].url, strict);
}

#define ALL(rows, strict) all(rows, sizeof rows / sizeof *rows, strict)

static void relative (void) {
  static const row rows[] = {
    { NULL, "", "https://example.com/a/b/c?d" },
    { NULL, "#f", "https://example.com/a/b/c?d" },
    { NULL, "x", "https://example.com/a/b/x" },
    { NULL, "x#f?g", "https://example.com/a/b/x" },
    { NULL, "x/y?z#f", "https://example.com/a/b/x/y?z" },
    { NULL, "?", "https://example.com/a/b/c?" },
    { NULL, "?e=/..", "https://example.com/a/b/c?e=/.." },
    { NULL, "/", "https://example.com/" },
    { NULL, "/x", "https://example.com/x" },
    { NULL, "\\x\\y", "https://example.com/x/y" },
    { NULL, "x\\..\\y?\\", "https://example.com/a/b/y?\\" },
    { NULL, ".", "https://example.com/a/b/" },
    { NULL, "./", "https://example.com/a/b/" },
    { NULL, "./x", "https://example.com/a/b/x" },
    { NULL, "..", "https://example.com/a/" },
    { NULL, "../x", "https://example.com/a/x" },
    { NULL, "../../../../x", "https://example.com/x" },
    { NULL, "/x/../..", "https://example.com/" },
    { NULL, "/x/%2e%2E/y", "https://example.com/y" },
    { NULL, "/x/.%2e/y", "https://example.com/y" },
    { NULL, "/x/%2E./y", "https://example.com/y" },
    { NULL, "/x/%2e/y/%2E", "https://example.com/x/y/" },
    { NULL, "/x/.../y", "https://example.com/x/.../y" },
    { NULL, "/x/%2e%2e%2e", "https://example.com/x/%2e%2e%2e" },
    { NULL, "/.x/y..", "https://example.com/.x/y.." },
    { NULL, "/x//../y", "https://example.com/x/y" },
    { NULL, "https:x", "https://example.com/a/b/x" },
    { NULL, "HTTPS:/x", "https://example.com/x" },
    { NULL, "1:x", "https://example.com/a/b/1:x" },
    { NULL, "x y:z", "https://example.com/a/b/x%20y:z" },
    { "https://example.com", "x", "https://example.com/x" },
    { "https://example.com", "", "https://example.com/" },
    { "https://example.com", "?x", "https://example.com/?x" },
    { "https://example.com?x", "y", "https://example.com/y" },
    { "https://example.com//x", "y", "https://example.com//y" },
    { "https://example.com/a%2Fb/c", "d", "https://example.com/a%2Fb/d" },
    { "http://localhost:8080/x", "/y", "http://localhost:8080/y" },
    { "no URL", "/y", NULL },
  };
  ALL(rows, false);
}

static void signs (void) {
  static const row rows[] = {
    { NULL, "/[x]|{y}^`\"<>", "https://example.com/[x]|%7By%7D%5E%60%22%3C%3E" },
    { NULL, "?[x]|{y}^`\"<>'", "https://example.com/a/b/c?[x]|{y}^`%22%3C%3E%27" },
    { NULL, "/100%", "https://example.com/100%" },
    { NULL, "/%zz?%2", "https://example.com/%zz?%2" },
    { NULL, "/%2f%7e%2F", "https://example.com/%2f%7e%2F" },
    { NULL, "/a b?c d", "https://example.com/a%20b?c%20d" },
    { NULL, " \t/x \n", "https://example.com/x" },
    { NULL, "/x\ty\r\nz", "https://example.com/xyz" },
    { NULL, "/x/.\n./y", "https://example.com/y" },
    { NULL, "/\x7F\x01", "https://example.com/%7F" },
    { NULL, "/\x7F\x01y", "https://example.com/%7F%01y" },
    { NULL, "/\xC3\xA9?\xC3\xA9\xFF", "https://example.com/%C3%A9?%C3%A9%FF" },
    { NULL, "/a+b&c='d'", "https://example.com/a+b&c='d'" },
  };
  static const row strictly[] = {
    { NULL, "/[x]|{y}", "https://example.com/%5Bx%5D%7C%7By%7D" },
    { NULL, "?[x]|{y}^`\\'", "https://example.com/a/b/c?%5Bx%5D%7C%7By%7D%5E%60%5C%27" },
    { NULL, "/100%?%z%2", "https://example.com/100%25?%25z%252" },
    { NULL, "/%2f%2F%", "https://example.com/%2f%2F%25" },
  };
  ALL(rows, false);
  ALL(strictly, true);
  leads(home, "/x\0y", 4, "https://example.com/x%00y", false);
}

static void hosts (void) {
  static const row rows[] = {
    { NULL, "//other.example/x", "https://other.example/x" },
    { NULL, "\\\\other.example\\x", "https://other.example/x" },
    { NULL, "/\\other.example", "https://other.example/" },
    { NULL, "///other.example", "https://other.example/" },
    { NULL, "/\t/other.example", "https://other.example/" },
    { NULL, "//Other.Example:443?x", "https://other.example/?x" },
    { NULL, "https://other.example:8443", "https://other.example:8443/" },
    { NULL, "https://other.example:00443/", "https://other.example/" },
    { NULL, "https://other.example:/", "https://other.example/" },
    { NULL, "https:\\\\other.example\\x\\..\\y", "https://other.example/y" },
    { NULL, "http:other.example", "http://other.example/" },
    { NULL, "http:/other.example:80/x", "http://other.example/x" },
    { NULL, "http://other.example:443/x", "http://other.example:443/x" },
    { NULL, "HTTPS://OTHER.example/X", "https://other.example/X" },
    { NULL, "https://oth%65r.example/", "https://other.example/" },
    { NULL, "https://[2001:DB8::1]:8443/x", "https://[2001:db8::1]:8443/x" },
    { NULL, "https://example.com.evil.example/", "https://example.com.evil.example/" },
    { NULL, "https://user:pw@example.com/", NULL },
    { NULL, "//user@example.com/", NULL },
    { NULL, "https://@example.com/", NULL },
    { NULL, "https://evil.example\\@example.com/", "https://evil.example/@example.com/" },
    { NULL, "https://example.com%40evil.example/", NULL },
    { NULL, "https://example.com%2F.evil.example/", NULL },
    { NULL, "https://example.com%3A80/", NULL },
    { NULL, "https://%5B::1%5D/", NULL },
    { NULL, "https://[::1/", NULL },
    { NULL, "https://[::1]x/", NULL },
    { NULL, "https://exa mple.com/", NULL },
    { NULL, "https://\xC3\xA9.example/", NULL },
    { NULL, "https://2130706433/", NULL },
    { NULL, "https://other.example:x/", NULL },
    { NULL, "https://other.example:65536/", NULL },
    { NULL, "https://", NULL },
    { NULL, "//", NULL },
    { NULL, "https:?x", "https://example.com/a/b/c?x" },
    { NULL, "ftp://example.com/", NULL },
    { NULL, "javascript:alert(1)", NULL },
    { NULL, "java\nscript:x", NULL },
    { NULL, "data:,x", NULL },
  };
  ALL(rows, false);
}

/* A longer one than there is room for leaves nothing behind. */
static void ceiling (void) {
  it("url_resolve: what doesn't fit leaves nothing") {
    char link[40];
    memset(link, '"', sizeof link);
    al_buf out = AL_BUF(100);
    check(!al_url_resolve(&out, home, strlen(home), link, sizeof link, false));
    check(out.n == 0 && out.broken && !out.starved);
    check(al_url_resolve(&out, home, strlen(home), "/x", 2, false) && holds(&out, "https://example.com/x"));
    al_buf_dispose(&out);
  }
}

int main (void) {
  relative();
  signs();
  hosts();
  ceiling();
  return test_over();
}
