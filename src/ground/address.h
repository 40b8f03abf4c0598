/*
 * address · whether the host of a URL leads inside by its very text: to this machine, or into a net that isn't
 *           everyone's
 * knows   · the C library
 * never   · looks a name up: where a name leads may change between the look and the use
 * owns    · nothing
 * spec    · spec/c/url_test.c
 */
#ifndef AL_GROUND_ADDRESS_H
#define AL_GROUND_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* What a host without brackets and with sound characters is. */
typedef enum al_address_kind {
  AL_ADDRESS_NAME,
  AL_ADDRESS_FOUR, /* four decimal numbers without leading zeros */
  AL_ADDRESS_ODD   /* it ends in a number in any other way (127.1, 0x7f000001, 2130706433): an address for some, for
                      others a name */
} al_address_kind;

al_address_kind al_address_kind_of (const char *host, size_t n);

/* Whether it is an IPv6 address with its brackets, as everyone reads it. */
bool al_address_six (const char *host, size_t n);

/* 127.0.0.0/8, [::1] or localhost, as plain http:// may be sent to. */
bool al_address_loopback (const char *host, size_t n);

/*
 * Loopback in any form, a name below localhost, and what RFC 6890 and its kin keep from the public net: private,
 * shared, link-local and unique local addresses, broadcast, multicast, reserved ones, and IPv6 addresses that have one
 * of them inside.
 */
bool al_address_inside (const char *host, size_t n);

#endif
