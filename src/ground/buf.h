/*
 * buf   · growing bytes with a ceiling; a secret one wipes what it lets go of
 * knows · the C library
 * never · grows past its ceiling: it breaks instead, drops its bytes and stays broken
 * owns  · its bytes, from the first append to al_buf_dispose
 * spec  · spec/c/ground_test.c
 */
#ifndef AL_GROUND_BUF_H
#define AL_GROUND_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct al_buf {
  char *bytes;  /* NUL-terminated after an append and after al_buf_text */
  size_t n;     /* bytes in use */
  size_t room;  /* bytes allocated */
  size_t max;   /* ceiling for n */
  bool secret;  /* wipe before freeing or moving */
  bool broken;  /* went over the ceiling, or memory ran out */
  bool starved; /* … it was the latter */
} al_buf;

/* An empty buffer; allocates nothing. */
#define AL_BUF(max_) ((al_buf){ .max = (max_) })
#define AL_BUF_SECRET(max_) ((al_buf){ .max = (max_), .secret = true })

/* Appends answer false once the buffer is broken; later appends do nothing. */
bool al_buf_add (al_buf *b, const void *bytes, size_t n);
bool al_buf_adds (al_buf *b, const char *text);
bool al_buf_addc (al_buf *b, char c);
bool al_buf_addf (al_buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes room for n more bytes and gives where they go; NULL when broken. Follow with b->n += what was written. */
char *al_buf_reserve (al_buf *b, size_t n);

/* The bytes as a C string: never NULL, "" when empty. */
const char *al_buf_text (const al_buf *b);

/* Replaces what is there by a copy. */
bool al_buf_set (al_buf *b, const void *bytes, size_t n);

/* Drops all but the first n bytes, wiped if secret. False: there are fewer. */
bool al_buf_cut (al_buf *b, size_t n);

/* Drops the first n bytes. */
void al_buf_shift (al_buf *b, size_t n);

/* Empties, keeps the room (wiped if secret) and mends a broken buffer. */
void al_buf_clear (al_buf *b);

/* Moves from's bytes into to, which lets go of its own; from is left empty. */
void al_buf_take (al_buf *to, al_buf *from);

/* Frees; the buffer is empty afterwards and may be used again. */
void al_buf_dispose (al_buf *b);

/* Overwrites memory in a way the compiler may not leave out. */
void al_wipe (void *bytes, size_t n);

/* A copy of text on the heap, or NULL. */
char *al_text_copy (const char *text);

#endif
