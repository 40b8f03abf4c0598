#include "law/http1.h"

#include <string.h>

#include "ground/ascii.h"
#include "ground/limits.h"
#include "law/header.h"

void al_http1_begin (al_http1 *m, al_buf *head, bool to_head) {
  memset(m, 0, sizeof *m);
  m->head = head;
  m->to_head = to_head;
  al_buf_clear(head);
}

static bool digit (char c) {
  return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200 OK"; the words behind the number may be missing. */
static al_news read_status (al_http1 *m) {
  const char *line = m->head->bytes;
  size_t n = m->head->n;
  if (n < 13 || memcmp(line, "HTTP/1.", 7) != 0 || !digit(line[7]) || line[8] != ' ') return AL_NEWS_BAD;
  if (!digit(line[9]) || !digit(line[10]) || !digit(line[11]) || line[9] == '0' || digit(line[12])) return AL_NEWS_BAD;
  m->status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  m->lasts = line[7] != '0';
  m->fields = 0;
  m->line_at = 0;
  m->place = AL_IN_FIELDS;
  al_buf_clear(m->head);
  return AL_NEWS_MORE;
}

static bool is (const char *text, size_t n, const char *word) {
  return al_ascii_is(text, n, word);
}

/* One of a list: "a, b , c". */
static bool lists (const char *text, size_t n, const char *word) {
  for (size_t i = 0; i < n;) {
    size_t end = i, stop;
    while (end < n && text[end] != ',') end++;
    for (stop = end; i < stop && (text[i] == ' ' || text[i] == '\t');) i++;
    while (stop > i && (text[stop - 1] == ' ' || text[stop - 1] == '\t')) stop--;
    if (is(text + i, stop - i, word)) return true;
    i = end + 1;
  }
  return false;
}

static bool read_length (uint64_t *out, const char *text, size_t n) {
  uint64_t length = 0;
  for (size_t i = 0; i < n; i++) {
    if (!digit(text[i]) || length > (UINT64_MAX - 9) / 10) return false;
    length = length * 10 + (uint64_t)(text[i] - '0');
  }
  *out = length;
  return n > 0;
}

typedef struct framing {
  bool sized, chunked, coded, bad;
  uint64_t length;
} framing;

static void note_field (framing *f, al_http1 *m, const char *name, size_t name_n, const char *value, size_t value_n) {
  if (is(name, name_n, "Content-Length")) {
    uint64_t length = 0;
    if (!read_length(&length, value, value_n) || (f->sized && length != f->length)) f->bad = true;
    f->sized = true;
    f->length = length;
  } else if (is(name, name_n, "Transfer-Encoding")) {
    if (f->chunked || !is(value, value_n, "chunked")) f->coded = true;
    f->chunked = true;
  } else if (is(name, name_n, "Connection") && lists(value, value_n, "close")) m->lasts = false;
}

static void go_to (al_http1 *m, al_http1_place place) {
  m->place = place;
  m->line_at = m->idle = 0;
}

/* RFC 9112 section 6.3. What comes with two different lengths, or coded in a way that wasn't asked for, is nothing to
 * guess at. */
static al_news frame (al_http1 *m) {
  framing f = { .length = 0 };
  const char *name, *value;
  size_t at = 0, name_n, value_n;
  while (al_header_next(m->head->bytes, m->head->n, &at, &name, &name_n, &value, &value_n))
    note_field(&f, m, name, name_n, value, value_n);
  if (f.bad || f.coded || m->status == 101) return AL_NEWS_BAD;
  if (f.chunked && f.sized) m->lasts = false;
  m->left = f.chunked ? 0 : f.length;
  if (m->to_head || m->status == 204 || m->status == 304) go_to(m, AL_AT_END);
  else if (f.chunked) go_to(m, AL_IN_CHUNK_SIZE);
  else if (f.sized) go_to(m, f.length > 0 ? AL_IN_LENGTH : AL_AT_END);
  else {
    m->lasts = false;
    go_to(m, AL_UNTIL_CLOSED);
  }
  return AL_NEWS_HEAD;
}

/* RFC 9112 section 5.2: a folded line goes on where the one before it ended. */
static void unfold (al_http1 *m) {
  al_buf *head = m->head;
  size_t end = m->line_at;
  while (end > 0 && (head->bytes[end - 1] == '\n' || head->bytes[end - 1] == '\r')) end--;
  memmove(head->bytes + end, head->bytes + m->line_at, head->n - m->line_at);
  head->n -= m->line_at - end;
}

static al_news end_line (al_http1 *m) {
  al_buf *head = m->head;
  const char *line = head->bytes + m->line_at;
  size_t n = head->n - m->line_at;
  if (memchr(line, '\0', n) != NULL) return AL_NEWS_BAD;
  if (m->place == AL_IN_STATUS_LINE) return read_status(m);
  if (n == 1 || (n == 2 && line[0] == '\r')) {
    if (m->status == 101 || m->status >= 200) return frame(m);
    go_to(m, AL_IN_STATUS_LINE); /* 1xx is on the way to the answer, and says nothing of it */
    al_buf_clear(head);
    return AL_NEWS_MORE;
  }
  if (line[0] == ' ' || line[0] == '\t') {
    if (m->fields == 0) return AL_NEWS_BAD;
    unfold(m);
  } else if (++m->fields > AL_MAX_HEADER_FIELDS) return AL_NEWS_LARGE;
  m->line_at = head->n;
  return AL_NEWS_MORE;
}

static void pass (const char **bytes, size_t *n, size_t count) {
  *bytes += count;
  *n -= count;
}

static al_news read_line (al_http1 *m, const char **bytes, size_t *n) {
  const char *stop = memchr(*bytes, '\n', *n);
  size_t count = stop != NULL ? (size_t)(stop - *bytes) + 1 : *n;
  bool added = al_buf_add(m->head, *bytes, count);
  pass(bytes, n, count);
  if (!added) return AL_NEWS_LARGE;
  return stop != NULL ? end_line(m) : AL_NEWS_MORE;
}

static int hex (char c) {
  if (digit(c)) return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 9112 section 7.1: what frames a chunk, letter by letter. */
static al_news read_chunk_size (al_http1 *m, char c) {
  int value = hex(c);
  if (value >= 0) {
    if (m->left > UINT64_MAX >> 4) return AL_NEWS_BAD;
    m->left = m->left << 4 | (uint64_t)value;
    m->idle++;
    return AL_NEWS_MORE;
  }
  if (m->idle == 0 || (c != ';' && c != ' ' && c != '\t' && c != '\r' && c != '\n')) return AL_NEWS_BAD;
  go_to(m, c != '\n' ? AL_IN_CHUNK_EXTENSION : m->left > 0 ? AL_IN_CHUNK : AL_IN_TRAILER);
  return AL_NEWS_MORE;
}

static al_news read_chunk_extension (al_http1 *m, char c) {
  if (++m->idle > AL_MAX_HEADER_BYTES) return AL_NEWS_LARGE;
  if (c == '\n') go_to(m, m->left > 0 ? AL_IN_CHUNK : AL_IN_TRAILER);
  return AL_NEWS_MORE;
}

static al_news read_after_chunk (al_http1 *m, char c) {
  if (c == '\n') go_to(m, AL_IN_CHUNK_SIZE);
  else if (c != '\r' || ++m->idle > 1) return AL_NEWS_BAD;
  return AL_NEWS_MORE;
}

/* Trailers are nobody's here; an empty line ends them. */
static al_news read_trailer (al_http1 *m, char c) {
  if (++m->idle > AL_MAX_HEADER_BYTES) return AL_NEWS_LARGE;
  if (c == '\n') {
    if (m->line_at == 0) go_to(m, AL_AT_END);
    m->line_at = 0;
  } else if (c != '\r') m->line_at++;
  return AL_NEWS_MORE;
}

static al_news read_letter (al_http1 *m, char c) {
  switch (m->place) {
    case AL_IN_CHUNK_SIZE: return read_chunk_size(m, c);
    case AL_IN_CHUNK_EXTENSION: return read_chunk_extension(m, c);
    case AL_AFTER_CHUNK: return read_after_chunk(m, c);
    default: return read_trailer(m, c);
  }
}

static al_news read_body (al_http1 *m, const char **bytes, size_t *n, const char **piece, size_t *piece_n) {
  size_t count = m->place == AL_UNTIL_CLOSED || m->left > *n ? *n : (size_t)m->left;
  *piece = *bytes;
  *piece_n = count;
  pass(bytes, n, count);
  if (m->place == AL_UNTIL_CLOSED) return AL_NEWS_BODY;
  m->left -= count;
  if (m->left == 0) go_to(m, m->place == AL_IN_CHUNK ? AL_AFTER_CHUNK : AL_AT_END);
  return AL_NEWS_BODY;
}

al_news al_http1_read (al_http1 *m, const char **bytes, size_t *n, const char **piece, size_t *piece_n) {
  while (m->place != AL_AT_END && *n > 0) {
    al_news news;
    if (m->place <= AL_IN_FIELDS) news = read_line(m, bytes, n);
    else if (m->place == AL_IN_LENGTH || m->place == AL_IN_CHUNK || m->place == AL_UNTIL_CLOSED)
      return read_body(m, bytes, n, piece, piece_n);
    else {
      news = read_letter(m, **bytes);
      pass(bytes, n, 1);
    }
    if (news != AL_NEWS_MORE) return news;
  }
  return m->place == AL_AT_END ? AL_NEWS_END : AL_NEWS_MORE;
}

bool al_http1_closed (al_http1 *m) {
  if (m->place == AL_UNTIL_CLOSED) go_to(m, AL_AT_END);
  return m->place == AL_AT_END;
}

bool al_http1_begun (const al_http1 *m) {
  return m->place != AL_IN_STATUS_LINE || m->head->n > 0;
}
