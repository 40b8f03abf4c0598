#include "ground/event_stream.h"

#include <string.h>

#include "ground/limits.h"

void al_event_stream_init (al_event_stream *s) {
  *s = (al_event_stream){ .line = AL_BUF(AL_MAX_EVENT),
                          .type = AL_BUF(AL_MAX_EVENT),
                          .data = AL_BUF(AL_MAX_EVENT),
                          .id = AL_BUF(AL_MAX_EVENT),
                          .retry_ms = -1 };
}

void al_event_stream_dispose (al_event_stream *s) {
  al_buf_dispose(&s->line);
  al_buf_dispose(&s->type);
  al_buf_dispose(&s->data);
  al_buf_dispose(&s->id);
}

bool al_event_stream_broken (const al_event_stream *s) {
  return s->line.broken || s->type.broken || s->data.broken || s->id.broken;
}

static bool named (const char *name, size_t n, const char *wanted) {
  return n == strlen(wanted) && memcmp(name, wanted, n) == 0;
}

/* Digits alone; more of them than a wait can be long are no wish. */
static void take_retry (al_event_stream *s, const char *value, size_t n) {
  int64_t ms = 0;
  if (n == 0 || n > 12) return;
  for (size_t i = 0; i < n; i++) {
    if (value[i] < '0' || value[i] > '9') return;
    ms = ms * 10 + (value[i] - '0');
  }
  s->retry_ms = ms;
}

static void take_field (al_event_stream *s, const char *name, size_t name_n, const char *value, size_t n) {
  if (named(name, name_n, "data")) {
    al_buf_add(&s->data, value, n);
    al_buf_addc(&s->data, '\n');
    s->has_data = true;
  } else if (named(name, name_n, "event")) al_buf_set(&s->type, value, n);
  else if (named(name, name_n, "retry")) take_retry(s, value, n);
  else if (named(name, name_n, "id") && (n == 0 || memchr(value, '\0', n) == NULL)) al_buf_set(&s->id, value, n);
}

/* A line is whole; true: with it an event. */
static bool take_line (al_event_stream *s) {
  const char *line = al_buf_text(&s->line);
  size_t n = s->line.n;
  if (n == 0) {
    if (!s->has_data) al_buf_clear(&s->type);
    return s->has_data;
  }
  const char *colon = memchr(line, ':', n);
  size_t name_n = colon == NULL ? n : (size_t)(colon - line), from = colon == NULL ? n : name_n + 1;
  if (from < n && line[from] == ' ') from++;
  if (name_n > 0) take_field(s, line, name_n, line + from, n - from);
  return false;
}

static void forget_event (al_event_stream *s) {
  al_buf_clear(&s->type);
  al_buf_clear(&s->data);
  s->has_data = s->was_event = false;
}

/* Of the first line alone: a byte order mark before it says nothing. */
static void drop_mark (al_event_stream *s) {
  if (!s->begun && s->line.n >= 3 && memcmp(s->line.bytes, "\xef\xbb\xbf", 3) == 0) al_buf_shift(&s->line, 3);
  s->begun = true;
}

static const char *end_of_line (const char *bytes, size_t n) {
  for (const char *p = bytes; p < bytes + n; p++)
    if (*p == '\n' || *p == '\r') return p;
  return NULL;
}

bool al_event_stream_next (al_event_stream *s, const char **bytes, size_t *n) {
  if (s->was_event) forget_event(s);
  while (*n > 0 && !al_event_stream_broken(s)) {
    if (s->after_cr && **bytes == '\n') (*bytes)++, (*n)--;
    s->after_cr = false;
    if (*n == 0) break;
    const char *end = end_of_line(*bytes, *n);
    size_t piece = end == NULL ? *n : (size_t)(end - *bytes);
    if (!al_buf_add(&s->line, *bytes, piece)) break;
    if (end != NULL) s->after_cr = *end == '\r', piece++;
    *bytes += piece;
    *n -= piece;
    if (end == NULL) continue;
    drop_mark(s);
    s->was_event = take_line(s);
    al_buf_clear(&s->line);
    if (!s->was_event) continue;
    al_buf_cut(&s->data, s->data.n - 1); /* the last line's end */
    return !al_event_stream_broken(s);
  }
  return false;
}
