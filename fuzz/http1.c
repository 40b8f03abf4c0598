/* An HTTP/1.1 response as a host's own connection brings it: whole, and the same in pieces. The first byte says whether
 * it answers a HEAD, the second how long a piece is. */
#include "fuzz.h"
#include "ground/limits.h"
#include "law/http1.h"

typedef struct seen {
  al_buf head, body;
  al_news last;
  int heads, status;
  size_t read; /* bytes of the input, up to its end */
  bool lasts, ends_by_closing;
} seen;

/* One piece of memory for each step, of its exact size. */
static void take (seen *s, al_http1 *m, const uint8_t *from, size_t n) {
  char *copy = malloc(n > 0 ? n : 1);
  if (copy == NULL) abort();
  if (n > 0) memcpy(copy, from, n);
  const char *bytes = copy;
  size_t left = n;
  for (bool more = true; more;) {
    const char *piece = NULL;
    size_t piece_n = 0, before = left;
    s->last = al_http1_read(m, &bytes, &left, &piece, &piece_n);
    must(left <= before && bytes == copy + (n - left));
    if (s->last == AL_NEWS_HEAD) s->heads++;
    else if (s->last == AL_NEWS_BODY) {
      must(s->heads == 1 && piece_n > 0 && piece >= copy && piece + piece_n <= bytes);
      must(al_buf_add(&s->body, piece, piece_n));
    } else more = false;
  }
  must(s->last != AL_NEWS_MORE || left == 0);
  s->read += n - left;
  free(copy);
}

static void read_in (seen *s, const uint8_t *bytes, size_t n, size_t step, bool to_head) {
  al_http1 m;
  *s = (seen){ .head = AL_BUF(AL_MAX_HEADER_BYTES), .body = AL_BUF(n + 1), .last = AL_NEWS_MORE };
  al_http1_begin(&m, &s->head, to_head);
  for (size_t at = 0; at < n && s->last == AL_NEWS_MORE; at += step)
    take(s, &m, bytes + at, n - at < step ? n - at : step);
  s->status = m.status;
  s->lasts = m.lasts;
  must(al_http1_begun(&m) || s->heads == 0);
  s->ends_by_closing = s->last == AL_NEWS_MORE && al_http1_closed(&m);
}

static void judge (const seen *s, bool to_head) {
  must(s->heads <= 1);
  must(s->heads == 0 || (s->status >= 200 && s->status <= 999));
  must(s->last != AL_NEWS_END || s->heads == 1);
  must(!to_head || s->body.n == 0);
  must(s->head.n <= AL_MAX_HEADER_BYTES);
}

static bool same (const al_buf *a, const al_buf *b) {
  return a->n == b->n && (a->n == 0 || memcmp(a->bytes, b->bytes, a->n) == 0);
}

static void compare (const seen *a, const seen *b) {
  must(a->last == b->last && a->heads == b->heads && a->ends_by_closing == b->ends_by_closing);
  must(same(&a->body, &b->body));
  if (a->heads == 0) return;
  must(a->status == b->status && same(&a->head, &b->head));
  if (a->last == AL_NEWS_END) must(a->read == b->read && a->lasts == b->lasts);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  input in = input_of(bytes, n);
  bool to_head = input_byte(&in) & 1;
  size_t step = 1 + input_byte(&in) % 64, size = (size_t)(in.end - in.p);
  seen whole, pieces;
  read_in(&whole, in.p, size, size > 0 ? size : 1, to_head);
  read_in(&pieces, in.p, size, step, to_head);
  judge(&whole, to_head);
  judge(&pieces, to_head);
  compare(&whole, &pieces);
  al_buf *all[] = { &whole.head, &whole.body, &pieces.head, &pieces.body };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) al_buf_dispose(all[i]);
  return 0;
}
