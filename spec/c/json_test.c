/* json: what is JSON and what isn't, and what is made of it. */
#include "test.h"

#include <math.h>

#include "ground/json.h"
#include "ground/limits.h"

static bool valid (const char *text, size_t n) {
  char *in = exact(text, n);
  al_json j = al_json_from(in, n);
  bool ok = al_json_skip(&j) && al_json_done(&j);
  free(in);
  return ok;
}

static void tables (void) {
  static const char *const good[] = {
    "null",
    "true",
    "false",
    " \t\r\n1 ",
    "0",
    "-0",
    "-1",
    "10",
    "0.5",
    "1e9",
    "1E+9",
    "1e-9",
    "1.25e2",
    "\"\"",
    "\"a\"",
    "\"\\u0041\\n\\/\"",
    "\"\\uD83D\\uDE00\"",
    "[]",
    "[ ]",
    "[1]",
    "[1,2 , 3]",
    "[[],[[]]]",
    "{}",
    "{ }",
    "{\"a\":1}",
    "{\"a\":{\"b\":[{}]} , \"c\":null}",
    "{\"a\":1,\"a\":2}",
    "\"caf\xC3\xA9\"",
    "\"\x7F\"",
    "[\"]\",\"}\",\"\\\"\"]",
  };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    it("json: %s is JSON", good[i]) check(valid(good[i], strlen(good[i])));
  }
  static const char *const bad[] = {
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "TRUE",
    "undefined",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    "00",
    ".5",
    "1.",
    "1.e3",
    "1e",
    "1e+",
    "0x10",
    "1_000",
    "--1",
    "1 2",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\U0041\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "'a'",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,]",
    "[,1]",
    "[1 2]",
    "[1,,2]",
    "[}",
    "[1}",
    "{",
    "}",
    "{]",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{a:1}",
    "{1:1}",
    "{\"a\" 1}",
    "{\"a\"::1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1;\"b\":2}",
    "{'a':1}",
    "{null:1}",
    "{\"a\",1}",
    "[\"a\":1]",
    "{}{}",
    "[][]",
    "{}x",
    "/**/1",
    "1//",
    "\xEF\xBB\xBF",
    "\xEF\xBB\xBF\xEF\xBB\xBF{}",
    "\xEF\xBB{}",
    " \xEF\xBB\xBF{}",
    "\"\\uD83D\\u\"",
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    it("json: %s isn't JSON", bad[i]) check(!valid(bad[i], strlen(bad[i])));
  }
  it("json: a NUL isn't white space, nor a letter, nor an escape") {
    check(!valid("1\0", 2) && !valid("\0001", 2) && !valid("\"a\0b\"", 5) && !valid("\"\\\0\"", 4) &&
          !valid("{\"a\"\0:1}", 8));
  }
}

static void depth (void) {
  it("json: nests up to its limit, and no deeper") {
    for (int objects = 0; objects < 2; objects++) {
      al_buf text = AL_BUF(10000);
      for (int i = 0; i < AL_MAX_JSON_DEPTH; i++) al_buf_adds(&text, objects ? "{\"a\":" : "[");
      if (objects) al_buf_adds(&text, "1");
      for (int i = 0; i < AL_MAX_JSON_DEPTH; i++) al_buf_adds(&text, objects ? "}" : "]");
      check(valid(text.bytes, text.n));
      al_buf deeper = AL_BUF(10000);
      al_buf_addf(&deeper, "[%s]", al_buf_text(&text));
      check(!valid(deeper.bytes, deeper.n));
      al_buf_dispose(&text);
      al_buf_dispose(&deeper);
    }
  }
  it("json: a million brackets don't exhaust the stack") {
    al_buf text = AL_BUF(1000000);
    for (int i = 0; i < 1000000; i++) al_buf_addc(&text, '[');
    check(!valid(text.bytes, text.n));
    al_buf_dispose(&text);
  }
  it("json: what was left again doesn't count: a thousand neighbours may nest") {
    al_buf text = AL_BUF(10000);
    al_buf_addc(&text, '[');
    for (int i = 0; i < 1000; i++) al_buf_adds(&text, "[[]],");
    al_buf_adds(&text, "1]");
    check(valid(text.bytes, text.n));
    al_buf_dispose(&text);
  }
}

static void string (const char *what, const char *text, const char *expected, size_t n) {
  it("json: %s", what) {
    al_json j = al_json_from(text, strlen(text));
    al_buf out = AL_BUF(100);
    al_buf_adds(&out, "<");
    check(al_json_string(&j, &out) && al_json_done(&j));
    check(out.n == n + 1 && memcmp(out.bytes + 1, expected, n) == 0);
    al_buf_dispose(&out);
  }
}

static void strings (void) {
  string("a string is appended to what is there", "\"abc\"", "abc", 3);
  string("every short escape is read", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
  string("\\u gives one, two and three bytes of UTF-8", "\"\\u0041\\u007f\\u0080\\u07FF\\u0800\\uFFFF\"",
         "A\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF", 12);
  string("two halves of a surrogate pair give one character", "\"\\uD83D\\uDE00\\uD800\\uDC00\\uDBFF\\uDFFF\"",
         "\xF0\x9F\x98\x80\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", 12);
  string("a byte order mark goes before the text", "\xEF\xBB\xBF\"a\"", "a", 1);
  string("half of a surrogate pair becomes U+FFFD", "\"\\uD83Dx\\uDE00\\uD83D\\n\\uD83D\\u0041\\uD83D\"",
         "\xEF\xBF\xBDx\xEF\xBF\xBD\xEF\xBF\xBD\n\xEF\xBF\xBD"
         "A\xEF\xBF\xBD",
         18);
  string("a half before a whole pair leaves the pair whole", "\"\\uD83D\\uD83D\\uDE00\"",
         "\xEF\xBF\xBD\xF0\x9F\x98\x80", 7);
  string("\\u0000 is a NUL byte within the string", "\"a\\u0000b\"", "a\0b", 3);
  string("hexadecimal digits may be of either case", "\"\\uabCD\\uAbcd\"", "\xEA\xAF\x8D\xEA\xAF\x8D", 6);
  it("json: a string beyond the ceiling is refused, not cut") {
    al_json j = al_json_from("\"12345\"", 7);
    al_buf out = AL_BUF(4);
    check(!al_json_string(&j, &out) && j.bad && out.broken);
    al_buf_dispose(&out);
  }
  it("json: an escape beyond the ceiling is refused as well") {
    const char *texts[] = { "\"1234\\n\"", "\"12\\u20AC\"", "\"1\\uD83D\\uDE00\"" };
    for (int i = 0; i < 3; i++) {
      al_json j = al_json_from(texts[i], strlen(texts[i]));
      al_buf out = AL_BUF(4);
      check(!al_json_string(&j, &out) && j.bad);
      al_buf_dispose(&out);
    }
  }
}

static void number (const char *text, double expected) {
  it("json: %s is read as a number", text) {
    al_json j = al_json_from(text, strlen(text));
    double value = -7;
    check(al_json_number(&j, &value) && al_json_done(&j));
    if (isinf(expected)) check(value == expected);
    else check(fabs(value - expected) <= fabs(expected) * 1e-15);
  }
}

static void numbers (void) {
  number("0", 0);
  number("3600", 3600);
  number("-42", -42);
  number("9007199254740991", 9007199254740991.0);
  number("0.5", 0.5);
  number("3600.25", 3600.25);
  number("36e2", 3600);
  number("3.6E+3", 3600);
  number("36000e-1", 3600);
  number("1e400", INFINITY);
  number("-1e400", -INFINITY);
  number("1e-400", 0);
  number("0e400", 0);
  number("0.0e99999999999999999999", 0);
  number("1e99999999999999999999", INFINITY);
  number("1e-99999999999999999999", 0);
  it("json: hundreds of digits before the point are huge, not infinite nor nothing") {
    char text[401];
    memset(text, '9', 400);
    al_json j = al_json_from(text, 400);
    double value = 0;
    check(al_json_number(&j, &value) && value >= 1e299 && !isinf(value));
    memcpy(text + 395, ".5e+1", 5);
    j = al_json_from(text, 400);
    check(al_json_number(&j, &value) && al_json_done(&j) && value >= 1e299);
  }
  it("json: hundreds of digits behind the point change nothing") {
    char text[405] = "3600.";
    memset(text + 5, '0', 400);
    al_json j = al_json_from(text, 405);
    double value = 0;
    check(al_json_number(&j, &value) && fabs(value - 3600) < 1e-6);
    memset(text + 5, '9', 400);
    j = al_json_from(text, 405);
    check(al_json_number(&j, &value) && fabs(value - 3601) < 1e-6);
  }
  it("json: a number ends where its text ends") {
    char *in = exact("12345", 3);
    al_json j = al_json_from(in, 3);
    double value = 0;
    check(al_json_number(&j, &value) && value == 123);
    free(in);
  }
}

static void walks (void) {
  it("json: members are given in order, duplicates too, and those not asked for are skipped") {
    const char *text = "{\"a\":1, \"skip\":{\"a\":[9,{\"a\":9}]}, \"a\":2}";
    al_json j = al_json_from(text, strlen(text));
    al_buf name = AL_BUF(10);
    double sum = 0, value;
    int members = 0;
    check(al_json_peek(&j) == AL_JSON_OBJECT && al_json_enter(&j));
    while (al_json_member(&j, &name)) {
      members++;
      if (holds(&name, "a") && al_json_number(&j, &value)) sum = sum * 10 + value;
      else check(al_json_skip(&j));
    }
    check(members == 3 && sum == 12 && al_json_done(&j));
    al_buf_dispose(&name);
  }
  it("json: items are given in order") {
    const char *text = "[1, [] , {}, \"x\", null]";
    al_json j = al_json_from(text, strlen(text));
    const al_json_type types[] = { AL_JSON_NUMBER, AL_JSON_ARRAY, AL_JSON_OBJECT, AL_JSON_STRING, AL_JSON_NULL };
    int items = 0;
    check(al_json_enter(&j));
    while (al_json_item(&j)) {
      check(items < 5 && al_json_peek(&j) == types[items]);
      check(al_json_skip(&j));
      items++;
    }
    check(items == 5 && al_json_done(&j));
  }
  it("json: peek takes nothing and knows every type") {
    static const struct {
      const char *text;
      al_json_type type;
    } table[] = { { " {", AL_JSON_OBJECT }, { "[", AL_JSON_ARRAY }, { "\"", AL_JSON_STRING }, { "-", AL_JSON_NUMBER },
                  { "7", AL_JSON_NUMBER },  { "t", AL_JSON_TRUE },  { "f", AL_JSON_FALSE },   { "n", AL_JSON_NULL },
                  { "x", AL_JSON_BAD },     { "", AL_JSON_BAD } };
    for (size_t i = 0; i < 10; i++) {
      al_json j = al_json_from(table[i].text, strlen(table[i].text));
      check(al_json_peek(&j) == table[i].type && al_json_peek(&j) == table[i].type && !j.bad);
    }
  }
  it("json: once bad, it stays so") {
    al_json j = al_json_from("[1]", 3);
    al_buf out = AL_BUF(10);
    double value;
    check(!al_json_string(&j, &out) && !al_json_enter(&j) && !al_json_item(&j) && !al_json_member(&j, &out));
    check(!al_json_number(&j, &value) && !al_json_skip(&j) && !al_json_done(&j) && al_json_peek(&j) == AL_JSON_BAD);
    al_buf_dispose(&out);
  }
  it("json: isn't done while something is open or left") {
    al_json j = al_json_from("[1] x", 5);
    check(!al_json_done(&j) && al_json_enter(&j) && !al_json_done(&j));
    check(al_json_item(&j) && al_json_skip(&j) && !al_json_item(&j) && !j.bad && !al_json_done(&j));
  }
  it("json: an object's bracket doesn't close an array") {
    al_json j = al_json_from("[1}", 3);
    check(al_json_enter(&j) && al_json_item(&j) && al_json_skip(&j) && !al_json_item(&j) && j.bad);
  }
}

static void truncation (void) {
  static const char sample[] =
    " {\"access_token\" : \"ab\\u00e9\\uD83D\\uDE00c\", \"n\":-12.5e+3, \"list\":[true,false,null,{\"deep\":[[]]}], "
    "\"t\":\"caf\xC3\xA9\" }";
  size_t n = sizeof sample - 1;
  it("json: the sample is JSON as a whole") check(valid(sample, n));
  it("json: cut after any byte, the sample isn't JSON, and nothing is read behind its end") {
    for (size_t i = 0; i < n; i++) check(!valid(sample, i));
  }
  it("json: with any byte replaced by a bracket, nothing is read behind its end") {
    char text[sizeof sample];
    int odd = 0;
    for (const char *c = "{}[],:\"\\"; *c != '\0'; c++)
      for (size_t i = 0; i < n; i++) {
        memcpy(text, sample, n);
        text[i] = *c;
        odd += !valid(text, n);
      }
    check(odd > 500);
  }
}

int main (void) {
  tables();
  depth();
  strings();
  numbers();
  walks();
  truncation();
  return test_over();
}
