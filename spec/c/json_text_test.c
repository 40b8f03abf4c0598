/* json_text: its own letters; and that nothing is looked at twice, so that the cost grows as the text does. */
#include "test.h"

#include "ground/json_text.h"

static const char *unescaped (const char *text, char *room) {
  const char *p = text, *why = al_json_unescape(&p, &room);
  *room = '\0';
  return why;
}

/* Each byte as it would be written. */
static bool escapes (const char *text, const char *as) {
  char room[256];
  const char *p = text, *end = text + strlen(text);
  char *to = al_json_escape(room, &p, end, end);
  return to != NULL && p == end && is(room, (size_t)(to - room), as);
}

static bool utf8 (const char *text) {
  char room[64];
  const char *p = text, *end = text + strlen(text);
  return al_json_escape(room, &p, end, end) != NULL;
}

/* A text of n times the piece. */
static char *many (const char *piece, size_t n, size_t *size) {
  size_t one = strlen(piece);
  char *text = malloc(n * one + 1);
  if (text == NULL) abort();
  for (size_t i = 0; i < n; i++) memcpy(text + i * one, piece, one);
  *size = n * one;
  text[*size] = '\0';
  return text;
}

/* Asks for a hint at each bracket, as the reader does, and counts how many bytes were looked at. */
static size_t looked_at (const char *text, size_t size, bool *forward) {
  al_json_ahead a = { .at = text, .end = text + size };
  size_t seen = 0;
  *forward = true;
  for (size_t i = 0; i < size; i++) {
    if (text[i] != '[' && text[i] != '{') continue;
    const char *before = a.at;
    al_json_hint(&a);
    if (a.at < before) *forward = false;
    else seen += (size_t)(a.at - before);
  }
  return seen;
}

static void linear (void) {
  static const char *const pieces[] = { "[", "{\"a\":", "[],", "{},", "\"\\\\\\\"\",[", ",", "[[[[]]]],", "\"\\\"" };
  for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
    it("json_text: looks at each byte once, of many %s", pieces[i]) {
      for (size_t n = 1000; n <= 64000; n *= 2) {
        size_t size;
        bool forward;
        char *text = many(pieces[i], n, &size);
        check(looked_at(text, size, &forward) <= size);
        check(forward);
        free(text);
      }
    }
}

static unsigned hint_of (const char *text) {
  al_json_ahead a = { .at = text, .end = text + strlen(text) };
  return al_json_hint(&a);
}

int main (void) {
  char room[16];
  it("json_text: escapes mean what RFC 8259 says") {
    static const char *const pairs[][2] = { { "n", "\n" },
                                            { "t", "\t" },
                                            { "/", "/" },
                                            { "\\", "\\" },
                                            { "\"", "\"" },
                                            { "b", "\b" },
                                            { "u00e9", "\xc3\xa9" },
                                            { "u0041", "A" },
                                            { "uD83D\\uDE00", "\xf0\x9f\x98\x80" },
                                            { "uFFFF", "\xef\xbf\xbf" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
      check(unescaped(pairs[i][0], room) == NULL);
      check(strcmp(room, pairs[i][1]) == 0);
    }
  }
  it("json_text: half a pair is U+FFFD") {
    static const char *const halves[] = { "uD800", "uDFFF", "uD83D\\u0041", "uD83Dx", "uDE00\\uD83D" };
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
      check(unescaped(halves[i], room) == NULL);
      check(memcmp(room, "\xef\xbf\xbd", 3) == 0);
    }
  }
  it("json_text: other escapes are none") {
    static const char *const bad[] = { "x41", "u", "u12", "u12G4", "u-123", "", "a", "U0041", "u 041" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(unescaped(bad[i], room) != NULL);
  }
  it("json_text: escapes what must be, and nothing else") {
    check(escapes("a\"\\\b\f\n\r\t\x01\x1f\x7f", "a\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f"));
    check(escapes("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80/", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80/"));
  }
  it("json_text: knows UTF-8 (RFC 3629)") {
    static const char *const bad[] = { "\x80",
                                       "\xbf",
                                       "\xc0\x80",
                                       "\xc1\xbf",
                                       "\xc3",
                                       "\xe0\x9f\xbf",
                                       "\xed\xa0\x80",
                                       "\xed\xbf\xbf",
                                       "\xe2\x82",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xff",
                                       "\xc3\xc3",
                                       "\xf0\x9f\x98" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) check(!utf8(bad[i]));
    check(utf8("\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
  }
  it("json_text: sees one byte that isn't plain wherever it stands") {
    char text[40];
    static const char odd[] = { 0, 1, 31, '"', '\\', (char)0x80, (char)0xff };
    for (size_t n = 1; n < sizeof text; n++)
      for (size_t at = 0; at < n; at++)
        for (size_t k = 0; k < sizeof odd; k++) {
          memset(text, at % 2 ? ' ' : '~', sizeof text);
          check(al_json_all_plain(text, n));
          text[at] = odd[k];
          check(!al_json_all_plain(text, n));
          text[n] = '\0';
          if (k < 5) check(al_json_plain(text, text + n) == text + at);
        }
  }
  it("json_text: counts elements ahead") {
    check(hint_of("[]") == 0 && hint_of("[ ]") == 0 && hint_of("[1]") == 1 && hint_of("[1,[2,3],\",,\"]") == 3);
    check(hint_of("{\"a\":1,\"b\":{\"c\":1}}") == 2 && hint_of("") == 0 && hint_of("[1,2") == 2);
  }
  linear();
  return test_over();
}
