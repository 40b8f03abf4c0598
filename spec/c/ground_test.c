/* buf, encode, fault, clock and forked. */
#include "test.h"

#include <limits.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ground/forked.h"
#include "ground/clock.h"
#include "ground/encode.h"
#include "ground/fault.h"

static bool all_zero (const char *p, size_t n) {
  while (n > 0 && *p == '\0') p++, n--;
  return n == 0;
}

static void buf_grows (void) {
  it("buf: an empty one reads as \"\" and owns nothing") {
    al_buf b = AL_BUF(10);
    check(strcmp(al_buf_text(&b), "") == 0);
    check(b.bytes == NULL && b.room == 0);
    al_buf_dispose(&b);
  }
  it("buf: appends bytes, text, characters and formats") {
    al_buf b = AL_BUF(100);
    check(al_buf_add(&b, "a\0b", 3) && al_buf_adds(&b, "cd") && al_buf_addc(&b, 'e') &&
          al_buf_addf(&b, "%d-%s", 42, "x"));
    check(b.n == 10 && memcmp(b.bytes, "a\0bcde42-x", 11) == 0);
    al_buf_dispose(&b);
  }
  it("buf: ten thousand appends keep every byte") {
    al_buf b = AL_BUF(10000);
    for (int i = 0; i < 10000; i++) check(al_buf_addc(&b, (char)('a' + i % 26)));
    for (int i = 0; i < 10000; i++) check(b.bytes[i] == 'a' + i % 26);
    check(b.n == 10000 && b.bytes[10000] == '\0' && b.room > b.n);
    al_buf_dispose(&b);
  }
  it("buf: appending nothing, even from nowhere, is fine") {
    al_buf b = AL_BUF(0);
    check(al_buf_add(&b, NULL, 0) && al_buf_adds(&b, "") && !b.broken && b.n == 0);
    al_buf_dispose(&b);
  }
  it("buf: a secret one grows like any other") {
    al_buf b = AL_BUF_SECRET(1000);
    for (int i = 0; i < 1000; i++) check(al_buf_addc(&b, 's'));
    check(b.n == 1000 && b.bytes[999] == 's' && b.bytes[1000] == '\0');
    al_buf_dispose(&b);
  }
}

static void buf_breaks (void) {
  it("buf: is whole at its ceiling, and broken one byte beyond") {
    al_buf b = AL_BUF(5);
    check(al_buf_adds(&b, "12345") && holds(&b, "12345"));
    check(!al_buf_addc(&b, '6') && b.broken && b.n == 0 && b.bytes == NULL);
    check(!al_buf_addc(&b, '7') && !al_buf_add(&b, "", 0) && !al_buf_addf(&b, "%d", 1) &&
          al_buf_reserve(&b, 0) == NULL);
    check(strcmp(al_buf_text(&b), "") == 0);
    al_buf_dispose(&b);
    check(!b.broken && al_buf_adds(&b, "again"));
    al_buf_dispose(&b);
  }
  it("buf: a length near SIZE_MAX doesn't wrap around") {
    al_buf b = AL_BUF(100);
    check(al_buf_adds(&b, "0123456789"));
    check(al_buf_reserve(&b, SIZE_MAX) == NULL && b.broken);
    al_buf_clear(&b);
    check(al_buf_adds(&b, "0123456789") && al_buf_reserve(&b, SIZE_MAX - 5) == NULL);
    al_buf_dispose(&b);
  }
  it("buf: a format that would pass the ceiling breaks it") {
    al_buf b = AL_BUF(3);
    check(al_buf_addf(&b, "%d", 123) && !al_buf_addf(&b, "%s", "4") && b.broken);
    al_buf_clear(&b);
    check(!b.broken && al_buf_addf(&b, "%s", "ok"));
    al_buf_dispose(&b);
  }
}

static void buf_moves (void) {
  it("buf: set replaces what is there, and mends") {
    al_buf b = AL_BUF(8);
    check(al_buf_set(&b, "longer", 6) && al_buf_set(&b, "ab", 2) && holds(&b, "ab") && b.bytes[2] == '\0');
    check(!al_buf_set(&b, "far too long", 12) && al_buf_set(&b, "", 0) && holds(&b, ""));
    al_buf_dispose(&b);
  }
  it("buf: shift drops from the front, and never more than there is") {
    al_buf b = AL_BUF(20);
    al_buf_adds(&b, "abcdef");
    al_buf_shift(&b, 0);
    check(holds(&b, "abcdef"));
    al_buf_shift(&b, 2);
    check(holds(&b, "cdef") && strcmp(al_buf_text(&b), "cdef") == 0);
    al_buf_shift(&b, 99);
    check(holds(&b, "") && strcmp(al_buf_text(&b), "") == 0);
    al_buf_shift(&b, 1);
    al_buf_dispose(&b);
    al_buf_shift(&b, 1);
  }
  it("buf: take moves the bytes and leaves the other empty") {
    al_buf from = AL_BUF(20), to = AL_BUF_SECRET(20);
    al_buf_adds(&from, "moved");
    al_buf_adds(&to, "old");
    const char *where = from.bytes;
    al_buf_take(&to, &from);
    check(to.bytes == where && holds(&to, "moved") && to.secret && from.bytes == NULL && from.n == 0 && from.room == 0);
    check(al_buf_adds(&from, "reused") && holds(&from, "reused"));
    al_buf_dispose(&from);
    al_buf_dispose(&to);
  }
  it("buf: what was taken may be larger than the taker's ceiling, and then breaks at the next byte") {
    al_buf from = AL_BUF(20), to = AL_BUF(3);
    al_buf_adds(&from, "12345");
    al_buf_take(&to, &from);
    check(holds(&to, "12345") && !al_buf_addc(&to, '6') && to.broken);
    al_buf_dispose(&to);
  }
  it("buf: bytes written into reserved room read as a C string too") {
    al_buf b = AL_BUF(70);
    char *to = al_buf_reserve(&b, 70);
    memset(to, 'x', 70);
    check(strcmp(al_buf_text(&b), "") == 0);
    memset(to, 'x', 70);
    b.n = 5;
    check(strcmp(al_buf_text(&b), "xxxxx") == 0);
    al_buf_dispose(&b);
  }
}

static void buf_wipes (void) {
  it("buf: a secret one has nothing left of it after clear") {
    al_buf b = AL_BUF_SECRET(100);
    al_buf_adds(&b, "correct horse battery staple");
    al_buf_clear(&b);
    check(all_zero(b.bytes, 28) && b.n == 0);
    al_buf_dispose(&b);
  }
  it("buf: a secret one wipes what shift leaves behind") {
    al_buf b = AL_BUF_SECRET(100);
    al_buf_adds(&b, "0123456789");
    al_buf_shift(&b, 4);
    check(holds(&b, "456789") && all_zero(b.bytes + 6, 4));
    al_buf_shift(&b, 6);
    check(all_zero(b.bytes, 10));
    al_buf_dispose(&b);
  }
  it("buf: a secret one keeps nothing of a longer value that set replaced") {
    al_buf b = AL_BUF_SECRET(100);
    al_buf_adds(&b, "a long secret");
    al_buf_set(&b, "b", 1);
    check(b.bytes[0] == 'b' && all_zero(b.bytes + 1, 12));
    al_buf_dispose(&b);
  }
  it("buf: a secret one also wipes what was written into reserved room and not counted") {
    al_buf b = AL_BUF_SECRET(100);
    memcpy(al_buf_reserve(&b, 40), "half a secret that was never counted...", 40);
    al_buf_clear(&b);
    check(all_zero(b.bytes, 40));
    al_buf_dispose(&b);
  }
  it("buf: wipe zeroes exactly what it is told") {
    char bytes[] = "abcdef";
    al_wipe(bytes + 1, 3);
    check(memcmp(bytes, "a\0\0\0ef", 7) == 0);
    al_wipe(NULL, 0);
  }
  it("buf: text_copy gives a copy of its own") {
    char *copy = al_text_copy("text"), *none = al_text_copy("");
    check(copy != NULL && strcmp(copy, "text") == 0 && none != NULL && none[0] == '\0');
    free(copy);
    free(none);
  }
}

typedef bool encoder (al_buf *, const char *, size_t);

static void encodes (const char *what, encoder *encode, const char *text, size_t n, const char *expected) {
  it("encode: %s of \"%s\" is \"%s\"", what, text, expected) {
    al_buf out = AL_BUF(1000);
    char *in = exact(text, n);
    check(encode(&out, in, n) && holds(&out, expected));
    free(in);
    al_buf_dispose(&out);
  }
}

static bool base64 (al_buf *out, const char *p, size_t n) {
  return al_encode_base64(out, p, n);
}
static bool base64url (al_buf *out, const char *p, size_t n) {
  return al_encode_base64url(out, p, n);
}
static bool hexadecimal (al_buf *out, const char *p, size_t n) {
  return al_encode_hex(out, p, n);
}

static void encode_tables (void) {
  static const char *const rfc4648[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" } };
  for (size_t i = 0; i < 7; i++) encodes("base64", base64, rfc4648[i][0], strlen(rfc4648[i][0]), rfc4648[i][1]);
  encodes("base64", base64, "\xFB\xFF\xBE", 3, "+/++");
  encodes("base64url", base64url, "\xFB\xFF\xBE", 3, "-_--");
  encodes("base64url", base64url, "f", 1, "Zg");
  encodes("base64url", base64url, "fo", 2, "Zm8");
  encodes("hex", hexadecimal, "\x00\x0F\xA5\xFF", 4, "000fa5ff");
  encodes("form-encoding", al_encode_form, "aZ09-._", 7, "aZ09-._");
  encodes("form-encoding", al_encode_form, "a b+c~d", 7, "a+b%2Bc%7Ed");
  encodes("form-encoding [6749-06]", al_encode_form, " %&+\xC2\xA3\xE2\x82\xAC", 9,
          "+%25%26%2B%C2%A3%E2%82%AC"); /* appendix B's own */
  encodes("form-encoding", al_encode_form, "\0\r\n*'()", 7, "%00%0D%0A%2A%27%28%29");
  encodes("percent-encoding", al_encode_percent, "a b~/\xC3\xA9", 7, "a%20b~%2F%C3%A9");
}

static void decodes (const char *what, const char *text, const char *expected, bool plus) {
  it("encode: \"%s\" %s", text, what) {
    al_buf out = AL_BUF(100);
    char *in = exact(text, strlen(text));
    bool ok = al_decode_percent(&out, in, strlen(text), plus);
    check(ok == (expected != NULL));
    if (expected != NULL) check(holds(&out, expected));
    free(in);
    al_buf_dispose(&out);
  }
}

static void decode_percent (void) {
  decodes("has its escapes read in either case", "a%2fb%2Fc", "a/b/c", false);
  decodes("keeps '+' in a URL", "a+b", "a+b", false);
  decodes("has '+' for a space in a form", "a+b%2B", "a b+", true);
  decodes("is taken as it stands", "\xC3\xA9", "\xC3\xA9", true);
  static const char *const broken[] = { "%", "%4", "a%", "%g1", "%1g", "%%41", "%-1", "% 1" };
  for (size_t i = 0; i < 8; i++) decodes("is a broken escape", broken[i], NULL, true);
  it("encode: %%00 decodes to a NUL byte") {
    al_buf out = AL_BUF(10);
    check(al_decode_percent(&out, "a%00b", 5, false) && out.n == 3 && memcmp(out.bytes, "a\0b", 3) == 0);
    al_buf_dispose(&out);
  }
  it("encode: every byte comes back from form-encoding and percent-encoding") {
    char all[256];
    for (int i = 0; i < 256; i++) all[i] = (char)i;
    for (int plus = 0; plus < 2; plus++) {
      al_buf text = AL_BUF(1000), back = AL_BUF(256);
      check(plus ? al_encode_form(&text, all, 256) : al_encode_percent(&text, all, 256));
      check(al_decode_percent(&back, text.bytes, text.n, plus) && back.n == 256 && memcmp(back.bytes, all, 256) == 0);
      al_buf_dispose(&text);
      al_buf_dispose(&back);
    }
  }
}

static void reads_base64url (const char *what, const char *text, size_t n, const char *expected) {
  it("encode: base64url \"%s\" %s", text, what) {
    al_buf out = AL_BUF(100);
    char *in = exact(text, n);
    check(al_decode_base64url(&out, in, n) == (expected != NULL));
    if (expected != NULL) check(holds(&out, expected));
    free(in);
    al_buf_dispose(&out);
  }
}

static void decode_base64url (void) {
  reads_base64url("is nothing", "", 0, "");
  reads_base64url("is \"f\"", "Zg", 2, "f");
  reads_base64url("is \"foobar\"", "Zm9vYmFy", 8, "foobar");
  reads_base64url("is read with its own two letters", "-_--", 4, "\xFB\xFF\xBE");
  reads_base64url("has trailing bits that no encoder writes", "Zh", 2, NULL);
  reads_base64url("has trailing bits that no encoder writes", "Zm9", 3, NULL);
  reads_base64url("is one letter too many", "Zm9vY", 5, NULL);
  reads_base64url("is padded, which JWTs never are", "Zg==", 4, NULL);
  reads_base64url("has the letters of plain base64", "+/++", 4, NULL);
  reads_base64url("has a line break", "Zm9\n", 4, NULL);
  reads_base64url("has a NUL", "Zm\0v", 4, NULL);
  reads_base64url("has a byte beyond ASCII", "Zm9\xC3", 4, NULL);
  it("encode: 0 to 255 bytes come back from base64url") {
    char all[256];
    for (int i = 0; i < 256; i++) all[i] = (char)(i * 7);
    for (size_t n = 0; n < 256; n++) {
      al_buf text = AL_BUF(400), back = AL_BUF(256);
      check(al_encode_base64url(&text, all, n) && al_decode_base64url(&back, al_buf_text(&text), text.n));
      check(back.n == n && memcmp(al_buf_text(&back), all, n) == 0);
      al_buf_dispose(&text);
      al_buf_dispose(&back);
    }
  }
}

static void encode_fields (void) {
  it("encode: fields are joined by '&', names encoded as well") {
    al_buf form = AL_BUF(100);
    check(al_encode_field(&form, "a b", "1&2", 3) && al_encode_field(&form, "c", "", 0) &&
          holds(&form, "a+b=1%262&c="));
    al_buf_dispose(&form);
  }
  it("encode: every encoder says so when its buffer is full, and leaves it broken") {
    for (int which = 0; which < 7; which++) {
      al_buf out = AL_BUF(3);
      bool ok = which == 0   ? al_encode_form(&out, "    ", 4)
                : which == 1 ? al_encode_percent(&out, "  ", 2)
                : which == 2 ? al_encode_base64(&out, "abc", 3)
                : which == 3 ? al_encode_base64url(&out, "abc", 3)
                : which == 4 ? al_encode_hex(&out, "ab", 2)
                : which == 5 ? al_encode_field(&out, "ab", "", 0) && al_encode_field(&out, "", "", 0)
                             : al_decode_percent(&out, "%41%41%41A", 10, false);
      check(!ok && out.broken);
      check(!al_encode_form(&out, "", 0) && !al_encode_base64(&out, "", 0) && !al_encode_hex(&out, "", 0));
      al_buf_dispose(&out);
    }
  }
}

static void cleans (const char *what, const char *text, size_t n, size_t size, const char *expected) {
  it("fault: %s", what) {
    char *out = exact("", 0), *in = exact(text, n);
    free(out);
    out = malloc(size);
    al_fault_text(out, size, in, n);
    check(strcmp(out, expected) == 0);
    free(out);
    free(in);
  }
}

static void fault_texts (void) {
  cleans("text comes through as it is", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80", 14, 100,
         "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  cleans("text that just fits is whole", "abcd", 4, 5, "abcd");
  cleans("text is cut to its room", "abcdef", 6, 5, "abcd");
  cleans("text is cut before a character that has no room, not within it", "abc\xE2\x82\xAC", 6, 6, "abc");
  cleans("room for the end alone gives \"\"", "abc", 3, 1, "");
  cleans("control characters become '?'", "a\r\nb\tc\x1B[31m\x7F\0d", 14, 100, "a??b?c?[31m??d");
  cleans("control characters of Latin-1, which steer terminals too, become '?'",
         "a\xC2\x9B"
         "31m\xC2\x80\xC2\xA0",
         10, 100, "a?31m?\xC2\xA0");
  cleans("what turns the direction of text becomes '?'",
         "a\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C\xD7\x90"
         "b",
         15, 100,
         "a????\xD7\x90"
         "b");
  cleans("what has no width becomes '?'",
         "a\xE2\x80\x8B\xE2\x80\x8D\xEF\xBB\xBF\xC2\xAD\xE2\x81\xA0\xF3\xA0\x81\x81"
         "b",
         20, 100, "a??????b");
  cleans("separators of lines become '?', spaces stay", "a\xE2\x80\xA8\xE2\x80\xA9\xE3\x80\x80", 10, 100,
         "a??\xE3\x80\x80");
  cleans("bytes that begin no character become '?'",
         "a\xFF\x80\xC0\xAF"
         "b",
         6, 100, "a????b");
  cleans("a character that the end cuts off becomes '?'", "a\xE2\x82", 3, 100, "a??");
  cleans("a sequence broken by ASCII loses no ASCII", "\xE2(\x82", 3, 100, "?(?");
  cleans("an overlong '/' isn't a character", "\xE0\x80\xAF\xF0\x80\x80\xAF", 7, 100, "???????");
  cleans("half a surrogate pair isn't a character", "\xED\xA0\x80", 3, 100, "???");
  cleans("nothing is above U+10FFFF", "\xF4\x90\x80\x80\xF5\x80\x80\x80", 8, 100, "????????");
  cleans("the borders of UTF-8 are characters", "\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 14, 100,
         "\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
  cleans("no text at all gives \"\"", "", 0, 10, "");
}

static void faults (void) {
  static al_fault f;
  it("fault: set says all it is told and clears the rest") {
    memset(&f, 'x', sizeof f);
    al_fault_set(&f, AL_OAUTH, AL_REVOKED, "invalid_grant", "said %s", "no");
    check(f.kind == AL_OAUTH && f.outcome == AL_REVOKED && strcmp(f.code, "invalid_grant") == 0 &&
          strcmp(f.message, "said no") == 0);
    check(f.status == 0 && f.retry_after_ms == -1 && f.error[0] == '\0' && f.description[0] == '\0' &&
          f.uri[0] == '\0');
  }
  it("fault: clear means that nothing went wrong") {
    al_fault_clear(&f);
    check(f.kind == AL_FINE && f.code[0] == '\0' && f.message[0] == '\0' && f.retry_after_ms == -1);
  }
  it("fault: a message too long is cut at a character's border") {
    char text[AL_MAX_MESSAGE + 10];
    memset(text, 'a', sizeof text);
    memcpy(text + AL_MAX_MESSAGE - 2, "\xE2\x82\xAC", 4);
    al_fault_set(&f, AL_HTTP, AL_TRANSIENT, "c", "%s", text);
    check(strlen(f.message) == AL_MAX_MESSAGE - 2 && f.message[AL_MAX_MESSAGE - 3] == 'a');
  }
  it("fault: a code too long is cut, and made printable") {
    char code[AL_MAX_CODE * 2];
    memset(code, 'c', sizeof code - 1);
    code[0] = '\n';
    code[sizeof code - 1] = '\0';
    al_fault_set(&f, AL_HTTP, AL_TRANSIENT, code, "m");
    check(strlen(f.code) == AL_MAX_CODE - 1 && f.code[0] == '?' && f.code[1] == 'c');
  }
  it("fault: kinds and outcomes have the names that programs compare") {
    check(strcmp(al_kind_name(AL_OAUTH), "oauth") == 0 && strcmp(al_kind_name(AL_HTTP), "http") == 0);
    check(strcmp(al_kind_name(AL_NETWORK), "network") == 0 && strcmp(al_kind_name(AL_STORE), "store") == 0);
    check(strcmp(al_kind_name(AL_STATE), "state") == 0 && strcmp(al_kind_name(AL_CANCELLED), "cancelled") == 0);
    check(strcmp(al_outcome_name(AL_TRANSIENT), "transient") == 0 &&
          strcmp(al_outcome_name(AL_REVOKED), "revoked") == 0);
    check(strcmp(al_outcome_name(AL_INTERACTION), "interaction_required") == 0);
    check(strcmp(al_outcome_name(AL_MISCONFIGURED), "misconfigured") == 0);
  }
}

static void clocks (void) {
  it("clock: now goes forward, by as much as was slept") {
    int64_t before = al_clock_now();
    nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
    int64_t passed = al_clock_now() - before;
    check(passed >= 19 && passed < 10000);
  }
  it("clock: wall is milliseconds since 1970, as time() has it") {
    int64_t seconds = time(NULL), wall = al_clock_wall();
    check(wall >= seconds * 1000 && wall < seconds * 1000 + 10000);
  }
}

static int said_by_child (const al_forked *b) {
  int status = -1;
  pid_t child = fork();
  if (child == 0) _exit(al_forked_same(b));
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void forks (void) {
  it("forked: here is where it was noted, and not a child, until that notes it again") {
    al_forked b = { 0 };
    al_forked_note(&b);
    check(al_forked_same(&b) && said_by_child(&b) == 0 && al_forked_same(&b));
    pid_t child = fork();
    if (child == 0) {
      al_forked_note(&b);
      _exit(al_forked_same(&b) && said_by_child(&b) == 0 ? 42 : 1);
    }
    int status;
    check(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 42);
    al_forked_forget(&b);
  }
  it("forked: so it is where the system doesn't mark a child's memory") {
    al_forked b = { .pid = getpid() };
    check(al_forked_same(&b) && said_by_child(&b) == 0);
  }
}

int main (void) {
  buf_grows();
  buf_breaks();
  buf_moves();
  buf_wipes();
  encode_tables();
  decode_percent();
  decode_base64url();
  encode_fields();
  fault_texts();
  faults();
  clocks();
  forks();
  return test_over();
}
