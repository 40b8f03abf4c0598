#include "ground/address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "ground/ascii.h"

typedef struct net {
  unsigned char bits, start[6];
} net;

/* Nets that aren't everyone's (the IANA registries of RFC 6890), as the bits that count. */
static const net four_inside[] = {
  { 8, { 0 } },          /* this net */
  { 8, { 10 } },         /* private */
  { 10, { 100, 64 } },   /* shared by a provider's customers */
  { 8, { 127 } },        /* this machine */
  { 16, { 169, 254 } },  /* link-local; clouds tell secrets there */
  { 12, { 172, 16 } },   /* private */
  { 24, { 192, 0, 0 } }, /* of the protocols' own */
  { 16, { 192, 168 } },  /* private */
  { 15, { 198, 18 } },   /* for benchmarks */
  { 3, { 224 } },        /* multicast, reserved, broadcast */
};
static const net six_inside[] = {
  { 48, { 0, 0x64, 0xFF, 0x9B, 0, 1 } }, /* translated, of a net's own */
  { 7, { 0xFC } },                       /* unique local */
  { 10, { 0xFE, 0x80 } },                /* link-local */
  { 10, { 0xFE, 0xC0 } },                /* site-local, of old */
  { 8, { 0xFF } },                       /* multicast */
};

static bool within (const unsigned char *address, const net *nets, size_t count) {
  for (const net *n = nets; n < nets + count; n++) {
    unsigned whole = n->bits / 8, rest = n->bits % 8;
    unsigned char mask = (unsigned char)(0xFF00 >> rest);
    if (memcmp(address, n->start, whole) == 0 && (rest == 0 || (address[whole] & mask) == n->start[whole])) return true;
  }
  return false;
}

static bool four_within (const unsigned char *four) {
  return within(four, four_inside, sizeof four_inside / sizeof *four_inside);
}

/* None with a leading zero, as many read "0127" as octal, which is 87. */
static bool read_four (unsigned char out[4], const char *host, size_t n) {
  int parts = 0, value = -1;
  for (size_t i = 0; i <= n; i++) {
    if (i < n && host[i] >= '0' && host[i] <= '9' && value != 0) value = (value < 0 ? 0 : value * 10) + (host[i] - '0');
    else if ((i == n || host[i] == '.') && value >= 0 && parts < 4) {
      out[parts++] = (unsigned char)value;
      value = -1;
    } else return false;
    if (value > 255) return false;
  }
  return parts == 4;
}

static bool read_six (unsigned char out[16], const char *host, size_t n) {
  char text[INET6_ADDRSTRLEN + 1];
  if (n < 4 || n - 2 >= sizeof text || host[0] != '[' || host[n - 1] != ']') return false;
  memcpy(text, host + 1, n - 2);
  text[n - 2] = '\0';
  return strlen(text) == n - 2 && inet_pton(AF_INET6, text, out) == 1;
}

/* Its last part, a dot at the end left out, is digits or begins with 0x. */
static bool ends_in_number (const char *host, size_t n) {
  if (n > 0 && host[n - 1] == '.') n--;
  size_t start = n;
  while (start > 0 && host[start - 1] != '.') start--;
  const char *last = host + start;
  size_t last_n = n - start, digits = 0;
  if (last_n > 1 && last[0] == '0' && (last[1] == 'x' || last[1] == 'X')) return true;
  while (digits < last_n && last[digits] >= '0' && last[digits] <= '9') digits++;
  return digits == last_n;
}

al_address_kind al_address_kind_of (const char *host, size_t n) {
  unsigned char four[4];
  if (!ends_in_number(host, n)) return AL_ADDRESS_NAME;
  return read_four(four, host, n) ? AL_ADDRESS_FOUR : AL_ADDRESS_ODD;
}

bool al_address_six (const char *host, size_t n) {
  unsigned char six[16];
  return read_six(six, host, n);
}

static bool is (const char *text, size_t n, const char *word) {
  return al_ascii_is(text, n, word);
}

bool al_address_loopback (const char *host, size_t n) {
  unsigned char four[4];
  return is(host, n, "localhost") || is(host, n, "[::1]") || (read_four(four, host, n) && four[0] == 127);
}

/* localhost and all below it (RFC 6761 section 6.3), also with the dot that ends a whole name. */
static bool of_localhost (const char *host, size_t n) {
  static const char word[] = "localhost";
  if (n > 0 && host[n - 1] == '.') n--;
  size_t word_n = sizeof word - 1;
  return n >= word_n && is(host + n - word_n, word_n, word) && (n == word_n || host[n - word_n - 1] == '.');
}

/* The IPv4 address that is inside of an IPv6 one: mapped, compatible, translated, 6to4; NULL: none. */
static const unsigned char *four_in (const unsigned char six[16]) {
  static const unsigned char zeros[12], mapped[12] = { [10] = 0xFF, [11] = 0xFF },
                                        translated[12] = { 0, 0x64, 0xFF, 0x9B };
  if (memcmp(six, zeros, 12) == 0 || memcmp(six, mapped, 12) == 0 || memcmp(six, translated, 12) == 0) return six + 12;
  return six[0] == 0x20 && six[1] == 0x02 ? six + 2 : NULL;
}

bool al_address_inside (const char *host, size_t n) {
  unsigned char four[4], six[16];
  if (n > 0 && host[0] == '[') {
    if (!read_six(six, host, n)) return true;  /* whatever it is */
    const unsigned char *inner = four_in(six); /* :: and ::1 are 0.0.0.0 and 0.0.0.1 so */
    return (inner != NULL && four_within(inner)) || within(six, six_inside, sizeof six_inside / sizeof *six_inside);
  }
  return of_localhost(host, n) || (read_four(four, host, n) && four_within(four));
}
