/*
 * answer · an HTTP response as plain data, whatever carried it
 * knows  · nothing
 * owns   · nothing; it points at what the carrier holds
 * spec   · spec/c/reply_test.c
 */
#ifndef AL_LAW_ANSWER_H
#define AL_LAW_ANSWER_H

#include <stddef.h>
#include <stdint.h>

typedef struct al_answer {
  int status;
  const char *head; /* header block, "Name: value\r\n" after another */
  size_t head_n;
  const char *body;
  size_t body_n;
  const char *location; /* where a 3xx leads, made absolute; NULL: nowhere */
  int64_t wall_ms;      /* the wall clock, for dates in headers */
} al_answer;

#endif
