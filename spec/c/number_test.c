/* number: the shortest decimal that reads back the same, and reading. */
#include "test.h"

#include <math.h>
#include <stdint.h>

#include "ground/json_text.h"
#include "ground/number.h"

static bool writes (double value, const char *text) {
  char out[AL_NUMBER_CHARS];
  return is(out, al_number_float(out, value, false), text);
}

static bool writes_apart (double value, const char *text) {
  char out[AL_NUMBER_CHARS];
  return is(out, al_number_float(out, value, true), text);
}

static bool writes_whole (int64_t value, const char *text) {
  char out[AL_NUMBER_CHARS];
  return is(out, al_number_integer(out, value), text);
}

static double reads (const char *text) {
  al_decimal d;
  bool whole;
  const char *p = text;
  return al_json_take_number(&p, &d, &whole) == NULL ? al_number_read(&d) : NAN;
}

static uint64_t next_random (uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static double of_bits (uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Fewer digits than these don't read back the same; the C library's own rounding is the judge. */
static bool fewest (const char *text, double value) {
  int n = 0;
  char shorter[64];
  bool leads = true;
  for (const char *p = text; *p != '\0' && *p != 'e'; p++)
    if (*p >= '0' && *p <= '9' && !(leads = leads && *p == '0')) n++;
  for (int k = 1; k <= 17; k++) {
    snprintf(shorter, sizeof shorter, "%.*e", k - 1, value);
    if (strtod(shorter, NULL) == value) {
      bool point = strpbrk(text, ".e") != NULL;
      return n <= k || !point; /* zeros fill a whole number up */
    }
  }
  return false;
}

static void round_trip (void) {
  uint64_t state = 88172645463325252ULL;
  int wrong = 0, longer = 0;
  char out[AL_NUMBER_CHARS + 1];
  for (int i = 0; i < 100000; i++) {
    double value = of_bits(next_random(&state));
    if (!isfinite(value)) continue;
    for (int apart = 0; apart < 2; apart++) {
      out[al_number_float(out, value, apart != 0)] = '\0';
      wrong += strtod(out, NULL) != value || reads(out + (*out == '-')) != fabs(value);
      longer += !fewest(out, value);
    }
  }
  it("number: random floats read back the same, by us and by the C library") check(wrong == 0);
  it("number: random floats have no digit too many") check(longer == 0);
}

/* What the C library says of the same text. */
static void reading (void) {
  uint64_t state = 1234567;
  int wrong = 0;
  for (int i = 0; i < 100000; i++) {
    char text[80];
    int n = 0, digits = 1 + (int)(next_random(&state) % 40), point = (int)(next_random(&state) % 42);
    text[n++] = (char)('1' + next_random(&state) % 9);
    for (int k = 1; k < digits; k++) {
      if (k == point) text[n++] = '.';
      text[n++] = (char)('0' + next_random(&state) % 10);
    }
    sprintf(text + n, "e%d", (int)(next_random(&state) % 640) - 330);
    wrong += reads(text) != strtod(text, NULL);
  }
  it("number: reads random decimals as the C library does") check(wrong == 0);
}

static void long_ones (void) {
  static char text[5000];
  it("number: reads more digits than can matter") {
    /* half way between 1 and the next float, and a hair above */
    strcpy(text, "1.00000000000000011102230246251565404236316680908203125");
    check(reads(text) == 1);
    memset(text + strlen(text), '0', 3000);
    text[3100] = '\0';
    for (int i = 0; i < 3100; i++)
      if (text[i] == '\0') text[i] = '0';
    check(reads(text) == 1);
    text[3099] = '1';
    check(reads(text) == 1 + 0x1p-52);
    memset(text, '9', 4000), text[4000] = '\0';
    check(isinf(reads(text)));
    strcpy(text, "0."), memset(text + 2, '0', 400), strcpy(text + 402, "1e400");
    check(reads(text) == (double)0.1); /* x87 would take the constant for a longer one */
    memset(text, '0', sizeof text), text[0] = '1', strcpy(text + 400, "e-400");
    check(reads(text) == (double)0.1); /* x87 would take the constant for a longer one */
  }
  it("number: exponents beyond all floats") {
    check(isinf(reads("1e999999999999999999999")));
    check(reads("1e-999999999999999999999") == 0);
    check(reads("0e999999999999999999999") == 0);
    check(reads("0.0000e-5") == 0);
  }
}

int main (void) {
  it("number: integers at their edges") {
    check(writes_whole(0, "0") && writes_whole(-1, "-1") && writes_whole(9, "9") && writes_whole(10, "10"));
    check(writes_whole(99, "99") && writes_whole(100, "100") && writes_whole(101, "101"));
    check(writes_whole(INT64_MAX, "9223372036854775807") && writes_whole(INT64_MIN, "-9223372036854775808"));
  }
  it("number: floats as ECMAScript lays them out") {
    check(writes(0, "0") && writes(-0.0, "-0") && writes(1, "1") && writes(-1.5, "-1.5"));
    check(writes(0.1, "0.1") && writes(1e-6, "0.000001") && writes(1e-7, "1e-7") && writes(1.25e-7, "1.25e-7"));
    check(writes(1e20, "100000000000000000000") && writes(1e21, "1e+21") && writes(1.5e300, "1.5e+300"));
    check(writes(123456789012345680000.0, "123456789012345680000") && writes(0x1p60, "1152921504606847000"));
    check(writes(1.0 / 3, "0.3333333333333333") && writes(5e-324, "5e-324"));
    check(writes(1.7976931348623157e308, "1.7976931348623157e+308") &&
          writes(2.2250738585072014e-308, "2.2250738585072014e-308"));
  }
  it("number: fewest digits where the gap above is twice that below") {
    check(writes(0x1p-44, "5.684341886080802e-14") && writes(9007199254740992.0, "9007199254740992"));
    check(writes(0x1p-1074, "5e-324") && writes(0x1p-1022, "2.2250738585072014e-308"));
  }
  it("number: a float isn't taken for another integer") {
    check(writes_apart(0x1p60, "1.152921504606847e+18") && writes_apart(1e18, "1000000000000000000"));
    check(writes_apart(0x1p63, "9223372036854776000") && writes_apart(-0x1p60, "-1.152921504606847e+18"));
    check(writes_apart(9007199254740994.0, "9007199254740994") && writes_apart(2.5, "2.5"));
  }
  round_trip();
  reading();
  long_ones();
  return test_over();
}
