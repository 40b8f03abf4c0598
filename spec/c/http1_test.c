/* http1: responses as they come over a wire, whole and letter by letter, and those that are none. */
#include "test.h"

#include "ground/limits.h"
#include "law/http1.h"

typedef struct seen {
  al_http1 http1;
  al_buf head, body;
  al_news last; /* END, BAD, LARGE, or MORE where it isn't over */
  size_t rest;  /* bytes behind the end */
  int heads;
} seen;

static void take (seen *s, const char *bytes, size_t n) {
  for (;;) {
    const char *piece = NULL;
    size_t piece_n = 0;
    s->last = al_http1_read(&s->http1, &bytes, &n, &piece, &piece_n);
    if (s->last == AL_NEWS_HEAD) s->heads++;
    else if (s->last == AL_NEWS_BODY) al_buf_add(&s->body, piece, piece_n);
    else break;
  }
  s->rest = n;
}

/* In steps of `step` bytes, each a piece of memory of its own. */
static seen read_all (const char *text, size_t n, size_t step, bool to_head) {
  static al_buf head; /* http1 points at it */
  al_buf_dispose(&head);
  head = AL_BUF(AL_MAX_HEADER_BYTES);
  seen s = { .body = AL_BUF(1 << 20) };
  al_http1_begin(&s.http1, &head, to_head);
  for (size_t at = 0; at < n && (s.last == AL_NEWS_MORE); at += step) {
    size_t count = n - at < step ? n - at : step;
    char *in = exact(text + at, count);
    take(&s, in, count);
    free(in);
    if (s.last == AL_NEWS_END) s.rest += n - at - count;
  }
  s.head = head;
  return s;
}

static void good (const char *name, const char *text, int status, const char *body, bool lasts) {
  static const size_t steps[] = { 1, 2, 3, 7, 100000 };
  it("http1: %s", name) {
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
      seen s = read_all(text, strlen(text), steps[i], false);
      if (s.last == AL_NEWS_MORE) check(al_http1_closed(&s.http1));
      else check(s.last == AL_NEWS_END && s.rest == 0);
      check(s.http1.status == status && s.heads == 1 && s.http1.lasts == lasts);
      check(is(al_buf_text(&s.body), s.body.n, body));
      al_buf_dispose(&s.body);
    }
  }
}

static void bad (const char *name, const char *text, size_t n, al_news wanted) {
  it("http1: %s", name) {
    for (size_t step = 1; step <= n; step += n > 3 ? n - 1 : 1) {
      seen s = read_all(text, n, step, false);
      check(s.last == wanted);
      al_buf_dispose(&s.body);
    }
  }
}

static void responses (void) {
  good("a length says where it ends", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", true);
  good("a length of 0 is no body", "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, "", true);
  good("the words of the status may be missing", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", true);
  good("lines may end without a CR", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", 200, "ok", true);
  good("chunks are put together",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n", 200, "hello", true);
  good("trailers are passed over",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA \r\n0123456789\r\n000\r\nETag: x\r\nB: y\r\n\r\n", 200,
       "0123456789", true);
  good("without a length the end is where the connection is closed", "HTTP/1.1 200 OK\r\n\r\nas much as comes", 200,
       "as much as comes", false);
  good("204 has no body", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
  good("304 has no body, whatever its length says", "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", 304, "",
       true);
  good("1xx is passed over",
       "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1",
       200, "1", true);
  good("Connection: close is heeded", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n1", 200, "1",
       false);
  good("HTTP/1.0 keeps no connection", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n1", 200, "1", false);
  good("the same length twice is one", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1", 200, "1",
       true);
  good("a length beside chunks isn't believed, and its connection isn't kept (RFC 9112 section 6.3)",
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok",
       false);
}

static void refusals (void) {
#define BAD(name_, text_) bad(name_, text_, sizeof text_ - 1, AL_NEWS_BAD)
  BAD("what isn't HTTP is bad", "SSH-2.0-OpenSSH_9.2\r\n");
  BAD("HTTP/2 is bad here", "HTTP/2.0 200 OK\r\n");
  BAD("a status of two digits is bad", "HTTP/1.1 20 OK\r\n");
  BAD("a status of four digits is bad", "HTTP/1.1 2000 OK\r\n");
  BAD("two different lengths are bad", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1");
  BAD("a length that isn't a number is bad", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n1");
  BAD("an empty length is bad", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n1");
  BAD("a length beyond all bounds is bad", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n1");
  BAD("another coding is bad", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
  BAD("two codings are bad",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  BAD("a chunk without a size is bad", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n");
  BAD("a chunk's size that isn't hexadecimal is bad", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1g\r\n");
  BAD("a chunk's size beyond all bounds is bad",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n");
  BAD("a chunk longer than it says is bad", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n");
  BAD("a NUL among the fields is bad", "HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n");
  BAD("a fold before the first field is bad", "HTTP/1.1 200 OK\r\n X: a\r\n\r\n");
  BAD("a change of protocols is bad, as nobody asked for it", "HTTP/1.1 101 Switching Protocols\r\n\r\n");
#undef BAD
}

static void ceilings (void) {
  it("http1: more fields than the ceiling are too large") {
    al_buf text = AL_BUF(1 << 20);
    al_buf_adds(&text, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < AL_MAX_HEADER_FIELDS + 1; i++) al_buf_adds(&text, "A: b\r\n");
    seen s = read_all(text.bytes, text.n, 1000, false);
    check(s.last == AL_NEWS_LARGE);
    al_buf_dispose(&text);
  }
  it("http1: a field that never ends is too large") {
    al_buf text = AL_BUF(1 << 20);
    al_buf_adds(&text, "HTTP/1.1 200 OK\r\nA: ");
    for (int i = 0; i < AL_MAX_HEADER_BYTES; i++) al_buf_addc(&text, 'a');
    seen s = read_all(text.bytes, text.n, 1000, false);
    check(s.last == AL_NEWS_LARGE);
    al_buf_dispose(&text);
  }
  it("http1: trailers that never end are too large") {
    al_buf text = AL_BUF(1 << 20);
    al_buf_adds(&text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    for (int i = 0; i < AL_MAX_HEADER_BYTES / 6 + 1; i++) al_buf_adds(&text, "A: b\r\n");
    seen s = read_all(text.bytes, text.n, 1000, false);
    check(s.last == AL_NEWS_LARGE);
    al_buf_dispose(&text);
  }
}

static void details (void) {
  it("http1: the answer to a HEAD has no body, whatever its fields say") {
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    seen s = read_all(text, sizeof text - 1, 5, true);
    check(s.last == AL_NEWS_END && s.body.n == 0 && s.http1.lasts);
  }
  it("http1: a folded field is one line (RFC 9112 section 5.2)") {
    static const char text[] = "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 0\r\n\r\n";
    seen s = read_all(text, sizeof text - 1, 5, false);
    check(s.last == AL_NEWS_END && holds(&s.head, "X: a  b\r\nContent-Length: 0\r\n\r\n"));
  }
  it("http1: what comes behind its end is left alone") {
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1HTTP";
    seen s = read_all(text, sizeof text - 1, 100, false);
    check(s.last == AL_NEWS_END && s.rest == 4 && holds(&s.body, "1"));
    al_buf_dispose(&s.body);
  }
  it("http1: one that is cut off isn't ended by it") {
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel";
    seen s = read_all(text, sizeof text - 1, 100, false);
    check(s.last == AL_NEWS_MORE && !al_http1_closed(&s.http1) && al_http1_begun(&s.http1));
    al_buf_dispose(&s.body);
  }
  it("http1: one that never came hasn't begun") {
    seen s = read_all("", 0, 1, false);
    check(!al_http1_closed(&s.http1) && !al_http1_begun(&s.http1));
  }
}

int main (void) {
  responses();
  refusals();
  ceilings();
  details();
  seen last = read_all("", 0, 1, false); /* frees what the one before it left */
  al_buf_dispose(&last.head);
  return test_over();
}
