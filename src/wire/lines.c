#include "wire/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* libcurl only reads the list, so its nodes point at our text and nothing is copied. */
static void add_line (al_lines *t, int *count, const char *line) {
  t->list[*count] = (struct curl_slist){ (char *)(uintptr_t)line, NULL };
  if (*count > 0) t->list[*count - 1].next = &t->list[*count];
  ++*count;
}

static bool room_for_lines (al_lines *t, int count) {
  if (t->list != NULL && count <= t->room) return true;
  if (t->list != t->few) free(t->list);
  t->room = count <= AL_FEW_LINES ? AL_FEW_LINES : count;
  t->list = count <= AL_FEW_LINES ? t->few : malloc((size_t)count * sizeof *t->list);
  if (t->list == NULL) t->room = 0;
  return t->list != NULL;
}

/* On its way to an origin that most of the program's own lines aren't meant for. */
static bool foreign (const al_request *q) {
  return q->bare && !q->endpoint;
}

static bool lacks (const al_request *q, const char *name) {
  return q->line_count == 0 || !al_request_has(q, name) || (foreign(q) && !al_request_portable(name));
}

/* "Name:" leaves one out that libcurl would add. */
bool al_lines_make (al_lines *t, const al_request *q, const al_settings *settings, const char *authorization,
                    const char *encodings) {
  int count = 0;
  if (!room_for_lines(t, q->line_count + 7)) return false;
  const char *line = al_buf_text(&q->lines);
  for (int i = 0; i < q->line_count; i++, line += strlen(line) + 1)
    if (!foreign(q) || al_request_portable(line)) add_line(t, &count, line);
  if (authorization != NULL) add_line(t, &count, authorization);
  if (q->proof.n > 0) add_line(t, &count, q->proof.bytes);
  if (lacks(q, "User-Agent")) add_line(t, &count, settings->user_agent);
  if (lacks(q, "Accept")) add_line(t, &count, "Accept: application/json");
  if (lacks(q, "Accept-Encoding")) add_line(t, &count, encodings);
  if (q->has_body || q->reads) add_line(t, &count, "Expect:");
  if (q->has_body && lacks(q, "Content-Type")) add_line(t, &count, "Content-Type:");
  return true;
}

void al_lines_dispose (al_lines *t) {
  if (t->list != t->few) free(t->list);
  t->list = NULL;
  t->room = 0;
}
