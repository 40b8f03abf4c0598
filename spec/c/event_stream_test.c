/* event_stream: what is an event, however its bytes are cut; what is too large. */
#include "test.h"

#include "ground/event_stream.h"
#include "ground/limits.h"

/* Writes "type|data|id\n" for each event, with line ends in data as "\\". */
static void collect (al_event_stream *s, const char *text, size_t n, size_t step, al_buf *out) {
  for (size_t at = 0; at < n; at += step) {
    const char *p = text + at;
    size_t left = n - at < step ? n - at : step;
    while (al_event_stream_next(s, &p, &left)) {
      al_buf_addf(out, "%s|", al_buf_text(&s->type));
      for (size_t i = 0; i < s->data.n; i++) al_buf_addc(out, s->data.bytes[i] == '\n' ? '\\' : s->data.bytes[i]);
      al_buf_addf(out, "|%s\n", al_buf_text(&s->id));
    }
  }
}

static void same (const char *text, size_t n, const char *wanted) {
  for (size_t step = 1; step <= n; step++) {
    al_event_stream s;
    al_buf out = AL_BUF(1 << 20);
    char *in = exact(text, n);
    al_event_stream_init(&s);
    collect(&s, in, n, step, &out);
    check(holds(&out, wanted));
    check(!al_event_stream_broken(&s));
    al_event_stream_dispose(&s);
    al_buf_dispose(&out);
    free(in);
  }
}

static void events (void) {
  static const struct {
    const char *text, *wanted;
  } all[] = {
    { "data: a\n\n", "|a|\n" },
    { "data: a\r\n\r\n", "|a|\n" },
    { "data: a\r\r", "|a|\n" },
    { "data: a\r\n\ndata: b\n\r\n", "|a|\n|b|\n" },
    { "\xef\xbb\xbf"
      "data: a\n\n",
      "|a|\n" },
    { "data: a\n\n\xef\xbb\xbf"
      "data: b\n\n",
      "|a|\n" },
    { "data: YHOO\ndata: +2\ndata: 10\n\n", "|YHOO\\+2\\10|\n" },
    { ": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n", "|first|1\n|second|\n| third|\n" },
    { "data\n\ndata\ndata\n\ndata:", "||\n|\\|\n" },
    { "data:test\n\ndata: test\n\n", "|test|\n|test|\n" },
    { "event: add\ndata: 1\n\ndata: 2\n\n", "add|1|\n|2|\n" },
    { "event: add\n\ndata: 2\n\n", "|2|\n" },
    { "id: 7\n\ndata: x\n\n", "|x|7\n" },
    { "id: 7\ndata: x\n\ndata: y\n\n", "|x|7\n|y|7\n" },
    { "Data: no\nfoo: no\ndata : no\n\n", "" },
    { "data: unfinished\n", "" },
    { ":\n:\n\n\n\n", "" },
    { "data: a:b: c\n\n", "|a:b: c|\n" },
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) same(all[i].text, strlen(all[i].text), all[i].wanted);
  same("id: a\0b\ndata: x\n\n", 17, "|x|\n");
}

static int64_t retry_of (const char *text) {
  al_event_stream s;
  al_buf out = AL_BUF(1 << 10);
  al_event_stream_init(&s);
  collect(&s, text, strlen(text), strlen(text), &out);
  al_event_stream_dispose(&s);
  al_buf_dispose(&out);
  return s.retry_ms;
}

static void retries (void) {
  check(retry_of("retry: 1500\n") == 1500);
  check(retry_of("retry: 15\nretry: x\n") == 15);
  check(retry_of("retry: -1\n") == -1);
  check(retry_of("retry:\n") == -1);
  check(retry_of("retry: 99999999999999999999\n") == -1);
}

static void sizes (void) {
  al_event_stream s;
  al_buf out = AL_BUF(1 << 10);
  char *line = malloc(AL_MAX_EVENT + 8);
  memset(line, 'x', AL_MAX_EVENT + 8);
  al_event_stream_init(&s);
  collect(&s, line, AL_MAX_EVENT + 8, 65536, &out);
  check(al_event_stream_broken(&s) && out.n == 0);
  collect(&s, "\n\ndata: a\n\n", 12, 12, &out); /* it stays so */
  check(al_event_stream_broken(&s) && out.n == 0);
  al_event_stream_dispose(&s);
  al_event_stream_init(&s); /* many lines make one event that is too large */
  memcpy(line, "data: ", 6);
  line[65535] = '\n';
  for (int i = 0; i < AL_MAX_EVENT / 65536 + 2; i++) collect(&s, line, 65536, 65536, &out);
  check(al_event_stream_broken(&s) && out.n == 0);
  al_event_stream_dispose(&s);
  al_buf_dispose(&out);
  free(line);
}

int main (void) {
  it("event_stream: events are the same however their bytes are cut") events();
  it("event_stream: a wish for a wait is digits alone") retries();
  it("event_stream: an event that is too large ends it") sizes();
  return test_over();
}
